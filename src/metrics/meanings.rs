//! What each figure means, in a sentence, and its formula, in each language: the one table that `--explain` reads. The
//! definitions are those of docs/metrics.md, in short.

use crate::process::Lang;

/// A text of ours, in English and in Traditional Chinese.
type Said = (&'static str, &'static str);

/// What a figure means.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// The sections, or the reports, that have it.
    pub places: &'static [&'static str],
    /// The key of its column.
    pub figure: &'static str,
    means: Said,
    worked: Said,
    /// What `--ids` takes to list the deals behind it; empty where nothing does.
    pub behind: &'static str,
}

impl Meaning {
    /// A sentence.
    pub fn means(&self, lang: Lang) -> &'static str {
        said(self.means, lang)
    }

    /// Its formula, with the keys of columns of the same row in braces; empty where it is only counted.
    pub fn worked(&self, lang: Lang) -> &'static str {
        said(self.worked, lang)
    }
}

fn said((english, chinese): Said, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english,
        Lang::ZhTw => chinese,
    }
}

const fn counted(
    places: &'static [&'static str],
    figure: &'static str,
    english: &'static str,
    chinese: &'static str,
    behind: &'static str,
) -> Meaning {
    worded(places, figure, english, chinese, ("", ""), behind)
}

/// By a formula of keys and numbers alone, which reads the same in each language.
const fn figured(
    places: &'static [&'static str],
    figure: &'static str,
    english: &'static str,
    chinese: &'static str,
    worked: &'static str,
    behind: &'static str,
) -> Meaning {
    worded(places, figure, english, chinese, (worked, worked), behind)
}

/// By a formula with words in it.
const fn worded(
    places: &'static [&'static str],
    figure: &'static str,
    english: &'static str,
    chinese: &'static str,
    worked: Said,
    behind: &'static str,
) -> Meaning {
    Meaning { places, figure, means: (english, chinese), worked, behind }
}

/// The sections of the main figures.
const CLOSED: &[&str] = &["closed"];
const CREATED: &[&str] = &["created"];
const COHORT: &[&str] = &["conversion"];
const CURVE: &[&str] = &["curve"];
const FUNNEL: &[&str] = &["funnel"];
const SIZE: &[&str] = &["size"];
const VELOCITY: &[&str] = &["velocity"];
const CYCLE: &[&str] = &["cycle"];
const SENSITIVITY: &[&str] = &["sensitivity"];
const OPEN: &[&str] = &["open"];
const SUMMARY: &[&str] = &["figures"];
const CHANGES: &[&str] = &["changes"];
const ON_TIME: &[&str] = &["on_time"];
const SLIPPAGE: &[&str] = &["slippage"];
const LOSSES: &[&str] = &["losses"];
const ACTIVITY: &[&str] = &["activity"];
const IDLE: &[&str] = &["idle_deals"];
const TOUCHES_PER_WIN: &[&str] = &["touches_per_win"];
const HAPPENED: &[&str] = &["happened"];
const QUARTER: &[&str] = &["this_quarter"];
const TO_DO: &[&str] = &["to_do"];
const AGES: &[&str] = &["ages"];
const OUTLOOK: &[&str] = &["outlook"];
const RANGE: &[&str] = &["range"];
const MONTHS: &[&str] = &["months"];
const CATEGORIES: &[&str] = &["categories"];
const PROBABILITIES: &[&str] = &["probabilities"];
const BACKTEST: &[&str] = &["backtest"];
const ACCURACY: &[&str] = &["accuracy"];
const CALIBRATION: &[&str] = &["calibration"];
const NOW: &[&str] = &["now"];
const WAITING: &[&str] = &["waiting"];
const STAYS: &[&str] = &["stays"];
const BOTTLENECKS: &[&str] = &["bottlenecks"];
const MEASURES: &[&str] = &["measures"];

/// Every figure. A figure that is in several sections under one key is told by the first that fits.
pub const MEANINGS: &[Meaning] = &[
    counted(CLOSED, "won", "Deals won in the period.", "本期成交的商機數。", "won"),
    counted(CLOSED, "lost", "Deals lost in the period.", "本期失單的商機數。", "lost"),
    counted(
        CLOSED,
        "disqualified",
        "Deals disqualified in the period.",
        "本期因資格不符而結案的商機數。",
        "disqualified",
    ),
    figured(
        CLOSED,
        "win_rate",
        "Won of won and lost, deals closed in the period. It forgets the deals that are still open.",
        "本期結案的商機中，成交占成交與失單合計的比例。不計仍在進行中的商機。",
        "{won} / ({won} + {lost})",
        "won",
    ),
    figured(
        CLOSED,
        "conversion_rate",
        "Won of all deals closed in the period, disqualified ones too.",
        "本期所有結案商機（含資格不符）中成交的比例。",
        "{won} / ({won} + {lost} + {disqualified})",
        "won",
    ),
    worded(
        CLOSED,
        "win_rate_by_value",
        "Value won of value won and lost; none when no lost deal has a value above 0.",
        "成交金額占成交與失單金額合計的比例；沒有任何失單商機的金額大於 0 時，沒有此數值。",
        ("value won / (value won + value lost)", "成交金額 / (成交金額 + 失單金額)"),
        "won",
    ),
    counted(CREATED, "created", "Deals created in the period.", "本期建立的商機數。", "created"),
    figured(
        CREATED,
        "created_win_rate",
        "Won by the as-of instant of all created in the period. Young cohorts look bad: see the share still open.",
        "本期建立的所有商機中，到截至時點已成交的比例。商機愈新，比例看起來愈低：請一併看未結比例。",
        "{created_win_rate.count} / {created}",
        "created",
    ),
    figured(
        CREATED,
        "share_open",
        "Still open of all created in the period.",
        "本期建立的所有商機中仍在進行中的比例。",
        "{share_open.count} / {created}",
        "created",
    ),
    counted(
        COHORT,
        "reached",
        "Deals that reached the stage, or a later one, in the period.",
        "本期到達此階段或更後面階段的商機數。",
        "reached {stage}",
    ),
    counted(
        COHORT,
        "advanced",
        "Of those, the ones that reached the next stage; from the last one, that were won.",
        "其中到達下一階段的商機數；若為最後一個階段，則為成交的商機數。",
        "advanced {stage}",
    ),
    counted(
        COHORT,
        "dropped",
        "Of those, the ones that did not and were lost or disqualified.",
        "其中未推進，且已失單或資格不符的商機數。",
        "dropped {stage}",
    ),
    counted(COHORT, "pending", "Of those, the rest.", "其中其餘的商機數。", "pending {stage}"),
    figured(
        COHORT,
        "rate_so_far",
        "Advanced of all that reached the stage: too low while many are pending.",
        "到達此階段的所有商機中已推進的比例：待定的商機多時會偏低。",
        "{advanced} / {reached}",
        "advanced {stage}",
    ),
    figured(
        COHORT,
        "rate_of_decided",
        "Advanced of those that advanced or dropped: the quick ones decide first.",
        "已推進或流失的商機中推進的比例：快的商機會先有結果。",
        "{advanced} / ({advanced} + {dropped})",
        "advanced {stage}",
    ),
    figured(
        COHORT,
        "share_pending",
        "Neither advanced nor dropped of all that reached the stage.",
        "到達此階段的所有商機中，既未推進也未流失的比例。",
        "{pending} / {reached}",
        "pending {stage}",
    ),
    figured(
        COHORT,
        "to_won",
        "Won at the as-of instant of all that reached the stage.",
        "到達此階段的所有商機中，在截至時點為成交的比例。",
        "{to_won.count} / {reached}",
        "reached {stage}",
    ),
    worded(
        CURVE,
        "won",
        "Share of the deals created in the period that was won within so many days: the Aalen-Johansen estimate, which follows open deals as far as they are known.",
        "本期建立的商機在此天數內成交的比例：採 Aalen-Johansen 估計，進行中的商機追蹤到已知的時點為止。",
        ("won within {within_days} days", "{within_days} 天內成交"),
        "created",
    ),
    worded(
        CURVE,
        "lost",
        "Share lost within so many days, by the same estimate.",
        "在此天數內失單的比例，採相同估計。",
        ("lost within {within_days} days", "{within_days} 天內失單"),
        "created",
    ),
    worded(
        CURVE,
        "disqualified",
        "Share disqualified within so many days, by the same estimate.",
        "在此天數內因資格不符而結案的比例，採相同估計。",
        ("disqualified within {within_days} days", "{within_days} 天內資格不符"),
        "created",
    ),
    counted(
        CURVE,
        "at_risk",
        "Deals open and still followed so many days after their creation.",
        "建立後經過此天數仍在進行中且仍受追蹤的商機數。",
        "created",
    ),
    counted(CURVE, "within_days", "Whole days since a deal was created.", "商機建立後經過的整天數。", ""),
    counted(
        FUNNEL,
        "reached",
        "Deals created in the period that reached the stage by the as-of instant.",
        "本期建立的商機中，到截至時點已到達此階段的商機數。",
        "created",
    ),
    figured(
        FUNNEL,
        "share_of_first",
        "Of the deals created in the period, the share that came so far.",
        "本期建立的商機中走到這一步的比例。",
        "{share_of_first.count} / {share_of_first.of}",
        "created",
    ),
    figured(
        FUNNEL,
        "share_of_previous",
        "Of those that reached the stage before, the share that came to this one.",
        "到達前一階段的商機中，也到達此階段的比例。",
        "{share_of_previous.count} / {share_of_previous.of}",
        "created",
    ),
    counted(SIZE, "won", "Deals won in the period.", "本期成交的商機數。", "won"),
    counted(
        SIZE,
        "total",
        "Their value, each at the rate of the day it was won.",
        "這些商機的金額，各按成交當日的匯率換算。",
        "won",
    ),
    figured(
        SIZE,
        "mean",
        "The average deal size: value won by deals won that have a value.",
        "平均成交金額：成交金額除以有金額的成交商機數。",
        "{total} / {mean.n}",
        "won",
    ),
    counted(
        SIZE,
        "median",
        "The value that half of the deals won do not exceed.",
        "半數成交商機的金額不超過此值。",
        "won",
    ),
    counted(
        SIZE,
        "lower_quartile",
        "The value that a quarter of the deals won do not exceed.",
        "四分之一成交商機的金額不超過此值。",
        "won",
    ),
    counted(
        SIZE,
        "upper_quartile",
        "The value that three quarters of the deals won do not exceed.",
        "四分之三成交商機的金額不超過此值。",
        "won",
    ),
    counted(SIZE, "smallest", "The smallest value won.", "最小的成交金額。", "won"),
    counted(SIZE, "largest", "The largest value won.", "最大的成交金額。", "won"),
    counted(
        SIZE,
        "mean_lost",
        "The mean value of the deals lost in the period, to compare.",
        "本期失單商機的平均金額，供比較。",
        "lost",
    ),
    counted(
        SIZE,
        "mean_open",
        "The mean value of the deals open at the end, to compare.",
        "期末進行中商機的平均金額，供比較。",
        "open",
    ),
    counted(
        VELOCITY,
        "opportunities",
        "Deals open at the end of the period, or now.",
        "期末（或目前）進行中的商機數。",
        "open",
    ),
    figured(
        VELOCITY,
        "win_rate",
        "Won of won and lost, deals closed in the period.",
        "本期結案的商機中，成交占成交與失單合計的比例。",
        "{win_rate.count} / {win_rate.of}",
        "won",
    ),
    counted(
        VELOCITY,
        "mean_size",
        "The mean value of the deals won in the period.",
        "本期成交商機的平均金額。",
        "won",
    ),
    counted(
        CYCLE,
        "mean_cycle",
        "Mean days from creation to the win, deals won in the period.",
        "本期成交的商機從建立到成交的平均天數。",
        "won",
    ),
    counted(
        VELOCITY,
        "mean_cycle",
        "Mean days from creation to the win, deals won in the period.",
        "本期成交的商機從建立到成交的平均天數。",
        "won",
    ),
    figured(
        VELOCITY,
        "velocity",
        "What the pipeline is worth a day, by a rule of thumb: it mixes what stands with what flows, and forgets disqualifications.",
        "管道每日的價值，只是經驗法則：混用了某時點的存量與期間內的流量，且不計資格不符的商機。",
        "{opportunities} x {win_rate} x {mean_size} / {mean_cycle}",
        "open",
    ),
    counted(
        VELOCITY,
        "throughput",
        "Value won in the period by its elapsed days: what really came in a day.",
        "本期成交金額除以本期已過天數：每日實際成交的金額。",
        "won",
    ),
    counted(
        CYCLE,
        "median_cycle",
        "Days within which half of the deals won were won.",
        "半數成交商機在此天數內成交。",
        "won",
    ),
    counted(
        CYCLE,
        "p90_cycle",
        "Days within which nine in ten of the deals won were won.",
        "九成成交商機在此天數內成交。",
        "won",
    ),
    counted(
        CYCLE,
        "mean_lost_cycle",
        "Mean days from creation to the loss, deals lost in the period.",
        "本期失單的商機從建立到失單的平均天數。",
        "lost",
    ),
    counted(
        CYCLE,
        "median_lost_cycle",
        "Days within which half of the deals lost were lost.",
        "半數失單商機在此天數內失單。",
        "lost",
    ),
    counted(
        CYCLE,
        "p90_lost_cycle",
        "Days within which nine in ten of the deals lost were lost.",
        "九成失單商機在此天數內失單。",
        "lost",
    ),
    counted(
        CYCLE,
        "median_time_to_close",
        "Kaplan-Meier median days to any close, open deals followed too: closed deals alone understate it.",
        "到任何一種結案的 Kaplan-Meier 中位天數，進行中的商機也列入追蹤：只看已結案的商機會低估。",
        "open",
    ),
    counted(SENSITIVITY, "change", "The change of the factor that is tried.", "試算時該因素的變動幅度。", ""),
    counted(
        SENSITIVITY,
        "per_day",
        "What that change would add to the velocity a day.",
        "該變動會使銷售速度每日增加的金額。",
        "",
    ),
    counted(
        OPEN,
        "deals",
        "Deals open at the end of the period, or now.",
        "期末（或目前）進行中的商機數。",
        "open",
    ),
    counted(
        OPEN,
        "value",
        "Their value, at the rates of that day.",
        "這些商機的金額，按該日匯率換算。",
        "open",
    ),
    counted(
        OPEN,
        "weighted",
        "Their value, each times the chance of its deal or else of its stage.",
        "這些商機的金額，各乘以該商機的成交機率；未設定者用其階段的成交機率。",
        "open",
    ),
    counted(
        OPEN,
        "stalled",
        "Those longer in their stage than its `stale_after`.",
        "其中在階段停留超過該階段 `stale_after` 的商機數。",
        "stalled",
    ),
    figured(
        SUMMARY,
        "win_rate",
        "Won of won and lost, deals closed in the period.",
        "本期結案的商機中，成交占成交與失單合計的比例。",
        "{win_rate.count} / {win_rate.of}",
        "won",
    ),
    figured(
        SUMMARY,
        "conversion_rate",
        "Won of all deals closed in the period, disqualified ones too.",
        "本期所有結案商機（含資格不符）中成交的比例。",
        "{conversion_rate.count} / {conversion_rate.of}",
        "won",
    ),
    counted(
        SUMMARY,
        "mean_size",
        "The mean value of the deals won in the period.",
        "本期成交商機的平均金額。",
        "won",
    ),
    counted(
        SUMMARY,
        "mean_cycle",
        "Mean days from creation to the win, deals won in the period.",
        "本期成交的商機從建立到成交的平均天數。",
        "won",
    ),
    counted(
        SUMMARY,
        "velocity",
        "Open deals x win rate x mean size / mean cycle: a rule of thumb.",
        "進行中商機數 x 成交率 x 平均成交金額 / 平均銷售週期：只是經驗法則。",
        "open",
    ),
    figured(
        CHANGES,
        "deals",
        "What the step did to the number of open deals; the steps above the last add up to it.",
        "此項目使進行中商機數增減多少；最後一項為以上各項的合計。",
        "{step}",
        "{step}",
    ),
    counted(
        CHANGES,
        "value",
        "What the step did to their value, all at the rates of the last day; the steps above the last add up to it.",
        "此項目使進行中金額增減多少，一律按最後一日的匯率換算；最後一項為以上各項的合計。",
        "",
    ),
    counted(
        ON_TIME,
        "came_due",
        "Deals whose first close date falls in the period, as far as it has come.",
        "最初的預計結案日落在本期已過日子內的商機數。",
        "came_due",
    ),
    figured(
        ON_TIME,
        "won_on_time",
        "Won by their first close date, of the deals due.",
        "到期商機中，在最初的預計結案日當天或之前成交的比例。",
        "{won_on_time.count} / {came_due}",
        "came_due",
    ),
    counted(
        ON_TIME,
        "won_later",
        "Of the deals due, those won after their first close date.",
        "到期商機中，在最初的預計結案日之後成交的商機數。",
        "came_due",
    ),
    counted(
        ON_TIME,
        "lost",
        "Of the deals due, those lost by now.",
        "到期商機中，目前已失單的商機數。",
        "came_due",
    ),
    counted(
        ON_TIME,
        "disqualified",
        "Of the deals due, those disqualified by now.",
        "到期商機中，目前已因資格不符而結案的商機數。",
        "came_due",
    ),
    counted(
        ON_TIME,
        "still_open",
        "Of the deals due, those still open.",
        "到期商機中，仍在進行中的商機數。",
        "came_due",
    ),
    counted(
        SLIPPAGE,
        "pushed_deals",
        "Deals whose close date was moved to a later day in the period, while they were open.",
        "本期在進行中時預計結案日被延後的商機數。",
        "pushed",
    ),
    counted(
        SLIPPAGE,
        "pushes",
        "How often that was; a first close date is no push.",
        "延期的次數；首次填入預計結案日不算延期。",
        "pushed",
    ),
    counted(SLIPPAGE, "days_pushed", "By how many days in all.", "合計移動的天數。", "pushed"),
    counted(
        SLIPPAGE,
        "median_push",
        "The days that half of the pushes do not exceed.",
        "半數延期的天數不超過此值。",
        "pushed",
    ),
    counted(
        SLIPPAGE,
        "pulled_in_deals",
        "Deals whose close date was moved to an earlier day in the period, while they were open.",
        "本期在進行中時預計結案日被提前的商機數。",
        "pulled_in",
    ),
    counted(SLIPPAGE, "pull_ins", "How often that was.", "提前的次數。", "pulled_in"),
    counted(SLIPPAGE, "days_pulled_in", "By how many days in all.", "合計移動的天數。", "pulled_in"),
    counted(LOSSES, "lost", "Deals lost in the period.", "本期失單的商機數。", "lost"),
    counted(
        LOSSES,
        "disqualified",
        "Deals disqualified in the period.",
        "本期因資格不符而結案的商機數。",
        "disqualified",
    ),
    figured(
        LOSSES,
        "share",
        "Of all deals lost or disqualified in the period.",
        "占本期所有失單或資格不符商機的比例。",
        "{share.count} / {share.of}",
        "",
    ),
    counted(
        LOSSES,
        "value",
        "Their value, each at the rate of the day it closed.",
        "這些商機的金額，各按結案當日的匯率換算。",
        "",
    ),
    counted(
        LOSSES,
        "median_spent",
        "Days from creation to the end that half of them do not exceed.",
        "半數商機從建立到結案的天數不超過此值。",
        "",
    ),
    counted(
        IDLE,
        "open",
        "Deals open at the end of the period, or now.",
        "期末（或目前）進行中的商機數。",
        "open",
    ),
    figured(
        IDLE,
        "share_idle",
        "Open deals whose last activity, or without any whose creation, is too long ago.",
        "進行中的商機裡，最近一次活動（從未有活動者則為建立日）距今過久的比例。",
        "{share_idle.count} / {open}",
        "idle",
    ),
    counted(
        IDLE,
        "idle_value",
        "Their value, at the rates of the last day.",
        "這些商機的金額，按最後一日的匯率換算。",
        "idle",
    ),
    counted(TOUCHES_PER_WIN, "won", "Deals won in the period.", "本期成交的商機數。", "won"),
    counted(
        TOUCHES_PER_WIN,
        "mean_touches",
        "Mean of their activities up to the win.",
        "這些商機到成交為止的平均活動次數。",
        "won",
    ),
    counted(
        TOUCHES_PER_WIN,
        "median_touches",
        "The number of activities up to the win that half of them do not exceed.",
        "半數商機到成交為止的活動次數不超過此值。",
        "won",
    ),
    counted(
        ACTIVITY,
        "calls",
        "Calls in the period, about open deals and closed ones.",
        "本期的電話次數，進行中與已結案的商機都算。",
        "touched",
    ),
    counted(ACTIVITY, "emails", "E-mails either way.", "往來的電子郵件數。", "touched"),
    counted(ACTIVITY, "meetings", "Meetings.", "會議次數。", "touched"),
    counted(ACTIVITY, "notes", "Notes.", "備註則數。", "touched"),
    counted(ACTIVITY, "all", "All of these.", "以上各項合計。", "touched"),
    counted(ACTIVITY, "deals", "How many deals they were about.", "這些活動涉及的商機數。", "touched"),
    counted(
        HAPPENED,
        "deals",
        "Deals that were created or closed in the period, or whose close date was moved to a later day in it.",
        "本期建立、結案，或預計結案日被延後的商機數。",
        "{what}",
    ),
    counted(
        HAPPENED,
        "value",
        "Their value, closed deals at the rate of the day they closed.",
        "這些商機的金額，已結案者按結案當日的匯率換算。",
        "{what}",
    ),
    counted(
        QUARTER,
        "won_so_far",
        "Value won in the quarter of the as-of day so far.",
        "截至日所在季度到目前為止的成交金額。",
        "",
    ),
    counted(
        QUARTER,
        "due",
        "Open deals whose close date lies in that quarter; see `report forecast`.",
        "預計結案日在該季的進行中商機數；詳見 `report forecast`。",
        "",
    ),
    counted(QUARTER, "due_value", "Their value.", "這些商機的金額。", ""),
    counted(
        QUARTER,
        "weighted",
        "Their value, each times the chance that it is won.",
        "這些商機的金額，各乘以其成交機率。",
        "",
    ),
    counted(
        QUARTER,
        "target",
        "What is to be won in that quarter, by the targets of pipeline.yaml.",
        "該季應成交的金額，依 pipeline.yaml 的目標。",
        "",
    ),
    figured(
        QUARTER,
        "gap",
        "What is missing to the target when the open deals bring their weighted value; below 0, what is more.",
        "進行中商機如數帶來加權金額時，距離目標還差的金額；小於 0 表示超出的金額。",
        "{target} - {won_so_far} - {weighted}",
        "",
    ),
    figured(
        QUARTER,
        "attainment",
        "The share of the target that is won.",
        "目標中已成交的比例。",
        "{won_so_far} / {target}",
        "",
    ),
    figured(
        QUARTER,
        "coverage",
        "Open value due in the quarter by what is missing to the target.",
        "該季到期的進行中金額，除以距離目標還差的金額。",
        "{due_value} / ({target} - {won_so_far})",
        "",
    ),
    counted(
        TO_DO,
        "deals",
        "Open deals as of now; the command lists them.",
        "目前進行中的商機數；執行該指令即可列出。",
        "",
    ),
    counted(OUTLOOK, "won_so_far", "Value won in the period so far.", "本期到目前為止的成交金額。", "won"),
    counted(
        OUTLOOK,
        "due",
        "Open deals whose close date lies in the period, without those omitted from the forecast.",
        "預計結案日在本期的進行中商機數，不含預測類別為不計入者。",
        "due",
    ),
    counted(
        OUTLOOK,
        "due_value",
        "Their value, at the rates of the as-of day or the end of the period.",
        "這些商機的金額，按截至日或期末的匯率換算。",
        "due",
    ),
    counted(
        OUTLOOK,
        "weighted",
        "Their value, each times the chance that it is won.",
        "這些商機的金額，各乘以其成交機率。",
        "due",
    ),
    counted(
        OUTLOOK,
        "target",
        "What is to be won in the period, by the targets of pipeline.yaml.",
        "本期應成交的金額，依 pipeline.yaml 的目標。",
        "",
    ),
    figured(
        OUTLOOK,
        "gap",
        "What is missing to the target when the open deals bring their weighted value; below 0, what is more.",
        "進行中商機如數帶來加權金額時，距離目標還差的金額；小於 0 表示超出的金額。",
        "{target} - {won_so_far} - {weighted}",
        "due",
    ),
    figured(
        OUTLOOK,
        "attainment",
        "The share of the target that is won.",
        "目標中已成交的比例。",
        "{won_so_far} / {target}",
        "won",
    ),
    figured(
        OUTLOOK,
        "coverage",
        "Open value due in the period by what is missing to the target; 100 % is just enough if all of it is won.",
        "本期到期的進行中金額，除以距離目標還差的金額；100 % 表示要全部成交才剛好達標。",
        "{due_value} / ({target} - {won_so_far})",
        "due",
    ),
    counted(
        RANGE,
        "p10",
        "What the deals due bring at least nine times in ten, deals being independent.",
        "十次中有九次，到期商機至少會帶來的金額；假設各商機互相獨立。",
        "due",
    ),
    counted(
        RANGE,
        "p50",
        "What they bring at least every second time.",
        "兩次中有一次，到期商機至少會帶來的金額。",
        "due",
    ),
    counted(
        RANGE,
        "p90",
        "What they bring at least one time in ten.",
        "十次中有一次，到期商機至少會帶來的金額。",
        "due",
    ),
    counted(
        RANGE,
        "draws",
        "How many draws the range rests on; 0 where every combination was looked at.",
        "此範圍所根據的抽樣次數；0 表示已逐一計算每種組合。",
        "",
    ),
    counted(
        RANGE,
        "chance_of_target",
        "How often what is won so far and what the deals due bring reach the target.",
        "目前已成交的金額加上到期商機帶來的金額，達到目標的機率。",
        "due",
    ),
    counted(
        MONTHS,
        "deals",
        "Deals open at the end of the period, or now, that are due then.",
        "期末（或目前）進行中，且在該時段到期的商機數。",
        "due {month}",
    ),
    counted(MONTHS, "value", "Their value.", "這些商機的金額。", "due {month}"),
    counted(
        MONTHS,
        "weighted",
        "Their value, each times the chance that it is won.",
        "這些商機的金額，各乘以其成交機率。",
        "due {month}",
    ),
    counted(
        CATEGORIES,
        "deals",
        "Open deals due in the period by their forecast cell, else by their chance: commit from 75 %, best case from 40 %.",
        "本期到期的進行中商機數，依其預測類別欄位分類，未填者依成交機率：75 % 以上為承諾，40 % 以上為樂觀。",
        "due {category}",
    ),
    counted(CATEGORIES, "value", "Their value.", "這些商機的金額。", "due {category}"),
    counted(
        CATEGORIES,
        "weighted",
        "Their value, each times the chance that it is won.",
        "這些商機的金額，各乘以其成交機率。",
        "due {category}",
    ),
    counted(
        PROBABILITIES,
        "set_probability",
        "The probability that pipeline.yaml sets for the stage.",
        "pipeline.yaml 為此階段設定的成交機率。",
        "",
    ),
    counted(
        PROBABILITIES,
        "won_of_closed",
        "Won of the deals that reached the stage and closed in the 365 days before.",
        "到達此階段且在之前 365 天內結案的商機中，成交的比例。",
        "",
    ),
    worded(
        PROBABILITIES,
        "probability",
        "That share, drawn towards the set probability (else the conversion rate of those days) as if by ten more deals.",
        "上述比例再往設定機率（未設定時為同期間的轉換率）靠攏，如同多了十件商機。",
        (
            "({won_of_closed.count} + 10 x set) / ({won_of_closed.of} + 10)",
            "({won_of_closed.count} + 10 x 設定機率) / ({won_of_closed.of} + 10)",
        ),
        "",
    ),
    counted(
        BACKTEST,
        "deals",
        "Deals that were due in the period, the day before it began.",
        "在期間開始的前一日，預計於該期間到期的商機數。",
        "",
    ),
    counted(
        BACKTEST,
        "weighted",
        "Their value of that day, each times its chance of that day.",
        "這些商機當日的金額，各乘以當日的成交機率。",
        "",
    ),
    counted(
        BACKTEST,
        "won_of_them",
        "What of those deals was won by the end of the period.",
        "這些商機到期末為止的成交金額。",
        "",
    ),
    figured(
        BACKTEST,
        "error",
        "How much too high the weighted value was; below 0, too low.",
        "加權金額高估了多少；小於 0 表示低估。",
        "{weighted} - {won_of_them}",
        "",
    ),
    counted(BACKTEST, "p10", "The 10th percentile of the forecast.", "預測的第 10 百分位數。", ""),
    counted(BACKTEST, "p90", "The 90th percentile of the forecast.", "預測的第 90 百分位數。", ""),
    counted(
        ACCURACY,
        "weighted",
        "The weighted values of all these forecasts.",
        "以上所有預測的加權金額合計。",
        "",
    ),
    counted(
        ACCURACY,
        "won_of_them",
        "What was won of their deals, each by the end of its period.",
        "這些預測中的商機，各到其期末為止的成交金額。",
        "",
    ),
    figured(
        ACCURACY,
        "error",
        "How much too high the weighted values were together; below 0, too low.",
        "加權金額合計高估了多少；小於 0 表示低估。",
        "{weighted} - {won_of_them}",
        "",
    ),
    figured(
        ACCURACY,
        "error_share",
        "That error as a share of what was won.",
        "上述誤差占成交金額的比例。",
        "{error} / {won_of_them}",
        "",
    ),
    figured(
        ACCURACY,
        "range_held",
        "Forecasts whose 10th to 90th percentile held what was won; four in five should.",
        "成交金額落在第 10 至第 90 百分位數之間的預測所占比例；應有五分之四。",
        "{range_held.count} / {range_held.of}",
        "",
    ),
    counted(
        CALIBRATION,
        "mean_probability",
        "The mean chance of the deals in the band.",
        "此機率區間內商機的平均成交機率。",
        "",
    ),
    figured(
        CALIBRATION,
        "share_won",
        "Of those deals the share that was won by the end of its period; each deal once, by its first forecast.",
        "這些商機中，到其期末為止已成交的比例；每件商機只算一次，依其首次預測。",
        "{share_won.count} / {share_won.of}",
        "",
    ),
    counted(
        NOW,
        "deals",
        "Deals in the stage at the end of the period, or now.",
        "期末（或目前）在此階段的商機數。",
        "in {stage}",
    ),
    counted(
        NOW,
        "value",
        "Their value, at the rates of that day.",
        "這些商機的金額，按該日匯率換算。",
        "in {stage}",
    ),
    counted(
        NOW,
        "weighted",
        "Their value, each times the chance of its deal or else of its stage.",
        "這些商機的金額，各乘以該商機的成交機率；未設定者用其階段的成交機率。",
        "in {stage}",
    ),
    counted(
        NOW,
        "median_stage_age",
        "Days that half of them have been in the stage, or less.",
        "其中半數在此階段停留的天數不超過此值。",
        "in {stage}",
    ),
    counted(
        NOW,
        "longest_stage_age",
        "Days that the first of them has been in the stage.",
        "其中最早進入者在此階段停留的天數。",
        "in {stage}",
    ),
    counted(
        AGES,
        "day_1_to_7",
        "Deals in their first to seventh day in the stage.",
        "在此階段停留第 1 至第 7 天的商機數。",
        "in {stage}",
    ),
    counted(
        AGES,
        "day_8_to_14",
        "Deals in their 8th to 14th day.",
        "停留第 8 至第 14 天的商機數。",
        "in {stage}",
    ),
    counted(
        AGES,
        "day_15_to_30",
        "Deals in their 15th to 30th day.",
        "停留第 15 至第 30 天的商機數。",
        "in {stage}",
    ),
    counted(
        AGES,
        "day_31_to_60",
        "Deals in their 31st to 60th day.",
        "停留第 31 至第 60 天的商機數。",
        "in {stage}",
    ),
    counted(
        AGES,
        "day_61_to_90",
        "Deals in their 61st to 90th day.",
        "停留第 61 至第 90 天的商機數。",
        "in {stage}",
    ),
    counted(
        AGES,
        "day_91_on",
        "Deals in their 91st day or a later one.",
        "停留第 91 天以上的商機數。",
        "in {stage}",
    ),
    counted(
        AGES,
        "no_age",
        "Deals of unknown creation, which have no age.",
        "建立日不明、因而沒有天數的商機數。",
        "in {stage}",
    ),
    counted(
        WAITING,
        "limit",
        "The stage's `stale_after`; where it has none, the days that nine of ten stays of the 365 days before did not exceed.",
        "此階段的 `stale_after`；未設定時，為之前 365 天內九成停留不超過的天數。",
        "",
    ),
    counted(
        WAITING,
        "stalled",
        "Deals longer in the stage than that.",
        "在此階段停留超過該門檻的商機數。",
        "stalled {stage}",
    ),
    figured(
        WAITING,
        "share_stalled",
        "Stalled of the deals in the stage.",
        "在此階段的商機中停滯的比例。",
        "{stalled} / {share_stalled.of}",
        "stalled {stage}",
    ),
    worded(
        WAITING,
        "queue_days",
        "Days that the deals in the stage would take to leave it at the pace of the period (Little's law).",
        "依本期的離開速度，此階段現有商機全部離開所需的天數（利特爾法則）。",
        (
            "deals now / ({queue_days.n} exits / elapsed days)",
            "目前商機數 / (離開 {queue_days.n} 件 / 已過天數)",
        ),
        "left {stage}",
    ),
    counted(
        STAYS,
        "stays",
        "Stays in the stage that ended in the period.",
        "本期結束的此階段停留次數。",
        "left {stage}",
    ),
    counted(STAYS, "mean_stay", "Mean days that they took.", "這些停留的平均天數。", "left {stage}"),
    counted(
        STAYS,
        "median_stay",
        "Days that half of them did not exceed.",
        "半數停留不超過此天數。",
        "left {stage}",
    ),
    counted(
        STAYS,
        "p90_stay",
        "Days that nine of ten of them did not exceed.",
        "九成停留不超過此天數。",
        "left {stage}",
    ),
    counted(
        STAYS,
        "median_with_open",
        "Kaplan-Meier median days of a stay, those still there followed too: ended stays alone understate it.",
        "停留天數的 Kaplan-Meier 中位數，仍在此階段者也列入追蹤：只看已結束的停留會低估。",
        "left {stage}",
    ),
    counted(
        BOTTLENECKS,
        "signs",
        "Reasons to look at the stage: many stalled, slower, fewer go on, a long queue.",
        "值得檢視此階段的徵兆數：多件停滯、變慢、推進減少、排隊過長。",
        "in {stage}",
    ),
    counted(
        BOTTLENECKS,
        "deals",
        "Deals in the stage at the end of the period, or now.",
        "期末（或目前）在此階段的商機數。",
        "in {stage}",
    ),
    counted(
        BOTTLENECKS,
        "value",
        "Their value, at the rates of that day.",
        "這些商機的金額，按該日匯率換算。",
        "in {stage}",
    ),
    figured(
        BOTTLENECKS,
        "share_stalled",
        "Stalled of the deals in the stage.",
        "在此階段的商機中停滯的比例。",
        "{share_stalled.count} / {deals}",
        "stalled {stage}",
    ),
    worded(
        BOTTLENECKS,
        "queue_days",
        "Days that the deals in the stage would take to leave it at the pace of the period (Little's law).",
        "依本期的離開速度，此階段現有商機全部離開所需的天數（利特爾法則）。",
        ("{deals} / ({queue_days.n} exits / elapsed days)", "{deals} / (離開 {queue_days.n} 件 / 已過天數)"),
        "left {stage}",
    ),
    counted(
        MEASURES,
        "median_stay",
        "Median days of the stays that ended in the period.",
        "本期結束的停留天數中位數。",
        "left {stage}",
    ),
    figured(
        MEASURES,
        "rate_of_decided",
        "Advanced of those that advanced or dropped, of the deals that reached the stage in the period.",
        "本期到達此階段的商機裡，已推進或流失者中推進的比例。",
        "{rate_of_decided.count} / {rate_of_decided.of}",
        "advanced {stage}",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(formula: &str) -> Vec<&str> {
        let mut keys: Vec<&str> = formula.split(['{', '}']).skip(1).step_by(2).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn both_languages_say_every_meaning_with_the_same_keys() {
        for meaning in MEANINGS {
            let (english, chinese) = meaning.means;
            assert!(english.ends_with('.') && english.is_ascii(), "{english}");
            assert!(chinese.ends_with('。') && !chinese.contains([',', ';', ':']), "{english}: {chinese}");
            let (english, chinese) = meaning.worked;
            assert_eq!(keys(english), keys(chinese), "{english}: {chinese}");
            // A word left in English, outside of braces.
            let words: String = chinese.split(['{', '}']).step_by(2).collect();
            let has_word = words
                .split(' ')
                .any(|word| word != "x" && word.contains(char::is_alphabetic) && word.is_ascii());
            assert!(!has_word, "{chinese}");
        }
    }

    #[test]
    fn one_sentence_is_said_one_way_in_chinese() {
        for a in MEANINGS {
            for b in MEANINGS {
                assert!(a.means.0 != b.means.0 || a.means.1 == b.means.1, "{}", a.means.0);
            }
        }
    }
}
