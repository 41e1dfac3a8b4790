//! What each figure means, in a sentence, and its formula: the one table that `--explain` reads. The definitions are
//! those of docs/metrics.md, in short.

/// What a figure means.
#[derive(Clone, Copy, Debug)]
pub struct Meaning {
    /// The sections, or the reports, that have it.
    pub places: &'static [&'static str],
    /// The key of its column.
    pub figure: &'static str,
    /// A sentence.
    pub means: &'static str,
    /// Its formula, with the keys of columns of the same row in braces; empty where it is only counted.
    pub worked: &'static str,
    /// What `--ids` takes to list the deals behind it; empty where nothing does.
    pub behind: &'static str,
}

const fn counted(
    places: &'static [&'static str],
    figure: &'static str,
    means: &'static str,
    behind: &'static str,
) -> Meaning {
    Meaning { places, figure, means, worked: "", behind }
}

const fn figured(
    places: &'static [&'static str],
    figure: &'static str,
    means: &'static str,
    worked: &'static str,
    behind: &'static str,
) -> Meaning {
    Meaning { places, figure, means, worked, behind }
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
    counted(CLOSED, "won", "Deals won in the period.", "won"),
    counted(CLOSED, "lost", "Deals lost in the period.", "lost"),
    counted(CLOSED, "disqualified", "Deals disqualified in the period.", "disqualified"),
    figured(
        CLOSED,
        "win_rate",
        "Won of won and lost, deals closed in the period. It forgets the deals that are still open.",
        "{won} / ({won} + {lost})",
        "won",
    ),
    figured(
        CLOSED,
        "conversion_rate",
        "Won of all deals closed in the period, disqualified ones too.",
        "{won} / ({won} + {lost} + {disqualified})",
        "won",
    ),
    figured(
        CLOSED,
        "win_rate_by_value",
        "Value won of value won and lost; none when no lost deal has a value above 0.",
        "value won / (value won + value lost)",
        "won",
    ),
    counted(CREATED, "created", "Deals created in the period.", "created"),
    figured(
        CREATED,
        "created_win_rate",
        "Won by the as-of instant of all created in the period. Young cohorts look bad: see the share still open.",
        "{created_win_rate.count} / {created}",
        "created",
    ),
    figured(
        CREATED,
        "share_open",
        "Still open of all created in the period.",
        "{share_open.count} / {created}",
        "created",
    ),
    counted(
        COHORT,
        "reached",
        "Deals that reached the stage, or a later one, in the period.",
        "reached {stage}",
    ),
    counted(
        COHORT,
        "advanced",
        "Of those, the ones that reached the next stage; from the last one, that were won.",
        "advanced {stage}",
    ),
    counted(
        COHORT,
        "dropped",
        "Of those, the ones that did not and were lost or disqualified.",
        "dropped {stage}",
    ),
    counted(COHORT, "pending", "Of those, the rest.", "pending {stage}"),
    figured(
        COHORT,
        "rate_so_far",
        "Advanced of all that reached the stage: too low while many are pending.",
        "{advanced} / {reached}",
        "advanced {stage}",
    ),
    figured(
        COHORT,
        "rate_of_decided",
        "Advanced of those that advanced or dropped: the quick ones decide first.",
        "{advanced} / ({advanced} + {dropped})",
        "advanced {stage}",
    ),
    figured(
        COHORT,
        "share_pending",
        "Neither advanced nor dropped of all that reached the stage.",
        "{pending} / {reached}",
        "pending {stage}",
    ),
    figured(
        COHORT,
        "to_won",
        "Won at the as-of instant of all that reached the stage.",
        "{to_won.count} / {reached}",
        "reached {stage}",
    ),
    figured(
        CURVE,
        "won",
        "Share of the deals created in the period that was won within so many days: the Aalen-Johansen estimate, which follows open deals as far as they are known.",
        "won within {within_days} days",
        "created",
    ),
    figured(
        CURVE,
        "lost",
        "Share lost within so many days, by the same estimate.",
        "lost within {within_days} days",
        "created",
    ),
    figured(
        CURVE,
        "disqualified",
        "Share disqualified within so many days, by the same estimate.",
        "disqualified within {within_days} days",
        "created",
    ),
    counted(CURVE, "at_risk", "Deals open and still followed so many days after their creation.", "created"),
    counted(CURVE, "within_days", "Whole days since a deal was created.", ""),
    counted(
        FUNNEL,
        "reached",
        "Deals created in the period that reached the stage by the as-of instant.",
        "created",
    ),
    figured(
        FUNNEL,
        "share_of_first",
        "Of the deals created in the period, the share that came so far.",
        "{share_of_first.count} / {share_of_first.of}",
        "created",
    ),
    figured(
        FUNNEL,
        "share_of_previous",
        "Of those that reached the stage before, the share that came to this one.",
        "{share_of_previous.count} / {share_of_previous.of}",
        "created",
    ),
    counted(SIZE, "won", "Deals won in the period.", "won"),
    counted(SIZE, "total", "Their value, each at the rate of the day it was won.", "won"),
    figured(
        SIZE,
        "mean",
        "The average deal size: value won by deals won that have a value.",
        "{total} / {mean.n}",
        "won",
    ),
    counted(SIZE, "median", "The value that half of the deals won do not exceed.", "won"),
    counted(SIZE, "lower_quartile", "The value that a quarter of the deals won do not exceed.", "won"),
    counted(SIZE, "upper_quartile", "The value that three quarters of the deals won do not exceed.", "won"),
    counted(SIZE, "smallest", "The smallest value won.", "won"),
    counted(SIZE, "largest", "The largest value won.", "won"),
    counted(SIZE, "mean_lost", "The mean value of the deals lost in the period, to compare.", "lost"),
    counted(SIZE, "mean_open", "The mean value of the deals open at the end, to compare.", "open"),
    counted(VELOCITY, "opportunities", "Deals open at the end of the period, or now.", "open"),
    figured(
        VELOCITY,
        "win_rate",
        "Won of won and lost, deals closed in the period.",
        "{win_rate.count} / {win_rate.of}",
        "won",
    ),
    counted(VELOCITY, "mean_size", "The mean value of the deals won in the period.", "won"),
    counted(CYCLE, "mean_cycle", "Mean days from creation to the win, deals won in the period.", "won"),
    counted(VELOCITY, "mean_cycle", "Mean days from creation to the win, deals won in the period.", "won"),
    figured(
        VELOCITY,
        "velocity",
        "What the pipeline is worth a day, by a rule of thumb: it mixes what stands with what flows, and forgets disqualifications.",
        "{opportunities} x {win_rate} x {mean_size} / {mean_cycle}",
        "open",
    ),
    counted(
        VELOCITY,
        "throughput",
        "Value won in the period by its elapsed days: what really came in a day.",
        "won",
    ),
    counted(CYCLE, "median_cycle", "Days within which half of the deals won were won.", "won"),
    counted(CYCLE, "p90_cycle", "Days within which nine in ten of the deals won were won.", "won"),
    counted(
        CYCLE,
        "mean_lost_cycle",
        "Mean days from creation to the loss, deals lost in the period.",
        "lost",
    ),
    counted(CYCLE, "median_lost_cycle", "Days within which half of the deals lost were lost.", "lost"),
    counted(CYCLE, "p90_lost_cycle", "Days within which nine in ten of the deals lost were lost.", "lost"),
    counted(
        CYCLE,
        "median_time_to_close",
        "Kaplan-Meier median days to any close, open deals followed too: closed deals alone understate it.",
        "open",
    ),
    counted(SENSITIVITY, "change", "The change of the factor that is tried.", ""),
    counted(SENSITIVITY, "per_day", "What that change would add to the velocity a day.", ""),
    counted(OPEN, "deals", "Deals open at the end of the period, or now.", "open"),
    counted(OPEN, "value", "Their value, at the rates of that day.", "open"),
    counted(OPEN, "weighted", "Their value, each times the chance of its deal or else of its stage.", "open"),
    counted(OPEN, "stalled", "Those longer in their stage than its `stale_after`.", "stalled"),
    figured(
        SUMMARY,
        "win_rate",
        "Won of won and lost, deals closed in the period.",
        "{win_rate.count} / {win_rate.of}",
        "won",
    ),
    figured(
        SUMMARY,
        "conversion_rate",
        "Won of all deals closed in the period, disqualified ones too.",
        "{conversion_rate.count} / {conversion_rate.of}",
        "won",
    ),
    counted(SUMMARY, "mean_size", "The mean value of the deals won in the period.", "won"),
    counted(SUMMARY, "mean_cycle", "Mean days from creation to the win, deals won in the period.", "won"),
    counted(SUMMARY, "velocity", "Open deals x win rate x mean size / mean cycle: a rule of thumb.", "open"),
    figured(
        CHANGES,
        "deals",
        "What the step did to the number of open deals; the steps above the last add up to it.",
        "{step}",
        "{step}",
    ),
    counted(
        CHANGES,
        "value",
        "What the step did to their value, all at the rates of the last day; the steps above the last add up to it.",
        "",
    ),
    counted(
        ON_TIME,
        "came_due",
        "Deals whose first close date falls in the period, as far as it has come.",
        "came_due",
    ),
    figured(
        ON_TIME,
        "won_on_time",
        "Won by their first close date, of the deals due.",
        "{won_on_time.count} / {came_due}",
        "came_due",
    ),
    counted(ON_TIME, "won_later", "Of the deals due, those won after their first close date.", "came_due"),
    counted(ON_TIME, "lost", "Of the deals due, those lost by now.", "came_due"),
    counted(ON_TIME, "disqualified", "Of the deals due, those disqualified by now.", "came_due"),
    counted(ON_TIME, "still_open", "Of the deals due, those still open.", "came_due"),
    counted(
        SLIPPAGE,
        "pushed_deals",
        "Deals whose close date was moved to a later day in the period, while they were open.",
        "pushed",
    ),
    counted(SLIPPAGE, "pushes", "How often that was; a first close date is no push.", "pushed"),
    counted(SLIPPAGE, "days_pushed", "By how many days in all.", "pushed"),
    counted(SLIPPAGE, "median_push", "The days that half of the pushes do not exceed.", "pushed"),
    counted(
        SLIPPAGE,
        "pulled_in_deals",
        "Deals whose close date was moved to an earlier day in the period, while they were open.",
        "pulled_in",
    ),
    counted(SLIPPAGE, "pull_ins", "How often that was.", "pulled_in"),
    counted(SLIPPAGE, "days_pulled_in", "By how many days in all.", "pulled_in"),
    counted(LOSSES, "lost", "Deals lost in the period.", "lost"),
    counted(LOSSES, "disqualified", "Deals disqualified in the period.", "disqualified"),
    figured(
        LOSSES,
        "share",
        "Of all deals lost or disqualified in the period.",
        "{share.count} / {share.of}",
        "",
    ),
    counted(LOSSES, "value", "Their value, each at the rate of the day it closed.", ""),
    counted(LOSSES, "median_spent", "Days from creation to the end that half of them do not exceed.", ""),
    counted(IDLE, "open", "Deals open at the end of the period, or now.", "open"),
    figured(
        IDLE,
        "share_idle",
        "Open deals whose last activity, or without any whose creation, is too long ago.",
        "{share_idle.count} / {open}",
        "idle",
    ),
    counted(IDLE, "idle_value", "Their value, at the rates of the last day.", "idle"),
    counted(TOUCHES_PER_WIN, "won", "Deals won in the period.", "won"),
    counted(TOUCHES_PER_WIN, "mean_touches", "Mean of their activities up to the win.", "won"),
    counted(
        TOUCHES_PER_WIN,
        "median_touches",
        "The number of activities up to the win that half of them do not exceed.",
        "won",
    ),
    counted(ACTIVITY, "calls", "Calls in the period, about open deals and closed ones.", "touched"),
    counted(ACTIVITY, "emails", "E-mails either way.", "touched"),
    counted(ACTIVITY, "meetings", "Meetings.", "touched"),
    counted(ACTIVITY, "notes", "Notes.", "touched"),
    counted(ACTIVITY, "all", "All of these.", "touched"),
    counted(ACTIVITY, "deals", "How many deals they were about.", "touched"),
    counted(
        HAPPENED,
        "deals",
        "Deals that were created or closed in the period, or whose close date was moved to a later day in it.",
        "{what}",
    ),
    counted(HAPPENED, "value", "Their value, closed deals at the rate of the day they closed.", "{what}"),
    counted(QUARTER, "won_so_far", "Value won in the quarter of the as-of day so far.", ""),
    counted(QUARTER, "due", "Open deals whose close date lies in that quarter; see `report forecast`.", ""),
    counted(QUARTER, "due_value", "Their value.", ""),
    counted(QUARTER, "weighted", "Their value, each times the chance that it is won.", ""),
    counted(QUARTER, "target", "What is to be won in that quarter, by the targets of pipeline.yaml.", ""),
    figured(
        QUARTER,
        "gap",
        "What is missing to the target when the open deals bring their weighted value; below 0, what is more.",
        "{target} - {won_so_far} - {weighted}",
        "",
    ),
    figured(QUARTER, "attainment", "The share of the target that is won.", "{won_so_far} / {target}", ""),
    figured(
        QUARTER,
        "coverage",
        "Open value due in the quarter by what is missing to the target.",
        "{due_value} / ({target} - {won_so_far})",
        "",
    ),
    counted(TO_DO, "deals", "Open deals as of now; the command lists them.", ""),
    counted(OUTLOOK, "won_so_far", "Value won in the period so far.", "won"),
    counted(
        OUTLOOK,
        "due",
        "Open deals whose close date lies in the period, without those omitted from the forecast.",
        "due",
    ),
    counted(
        OUTLOOK,
        "due_value",
        "Their value, at the rates of the as-of day or the end of the period.",
        "due",
    ),
    counted(OUTLOOK, "weighted", "Their value, each times the chance that it is won.", "due"),
    counted(OUTLOOK, "target", "What is to be won in the period, by the targets of pipeline.yaml.", ""),
    figured(
        OUTLOOK,
        "gap",
        "What is missing to the target when the open deals bring their weighted value; below 0, what is more.",
        "{target} - {won_so_far} - {weighted}",
        "due",
    ),
    figured(OUTLOOK, "attainment", "The share of the target that is won.", "{won_so_far} / {target}", "won"),
    figured(
        OUTLOOK,
        "coverage",
        "Open value due in the period by what is missing to the target; 100 % is just enough if all of it is won.",
        "{due_value} / ({target} - {won_so_far})",
        "due",
    ),
    counted(
        RANGE,
        "p10",
        "What the deals due bring at least nine times in ten, deals being independent.",
        "due",
    ),
    counted(RANGE, "p50", "What they bring at least every second time.", "due"),
    counted(RANGE, "p90", "What they bring at least one time in ten.", "due"),
    counted(
        RANGE,
        "draws",
        "How many draws the range rests on; 0 where every combination was looked at.",
        "",
    ),
    counted(
        RANGE,
        "chance_of_target",
        "How often what is won so far and what the deals due bring reach the target.",
        "due",
    ),
    counted(
        MONTHS,
        "deals",
        "Deals open at the end of the period, or now, that are due then.",
        "due {month}",
    ),
    counted(MONTHS, "value", "Their value.", "due {month}"),
    counted(MONTHS, "weighted", "Their value, each times the chance that it is won.", "due {month}"),
    counted(
        CATEGORIES,
        "deals",
        "Open deals due in the period by their forecast cell, else by their chance: commit from 75 %, best case from 40 %.",
        "due {category}",
    ),
    counted(CATEGORIES, "value", "Their value.", "due {category}"),
    counted(CATEGORIES, "weighted", "Their value, each times the chance that it is won.", "due {category}"),
    counted(PROBABILITIES, "set_probability", "The probability that pipeline.yaml sets for the stage.", ""),
    counted(
        PROBABILITIES,
        "won_of_closed",
        "Won of the deals that reached the stage and closed in the 365 days before.",
        "",
    ),
    figured(
        PROBABILITIES,
        "probability",
        "That share, drawn towards the set probability (else the conversion rate of those days) as if by ten more deals.",
        "({won_of_closed.count} + 10 x set) / ({won_of_closed.of} + 10)",
        "",
    ),
    counted(BACKTEST, "deals", "Deals that were due in the period, the day before it began.", ""),
    counted(BACKTEST, "weighted", "Their value of that day, each times its chance of that day.", ""),
    counted(BACKTEST, "won_of_them", "What of those deals was won by the end of the period.", ""),
    figured(
        BACKTEST,
        "error",
        "How much too high the weighted value was; below 0, too low.",
        "{weighted} - {won_of_them}",
        "",
    ),
    counted(BACKTEST, "p10", "The 10th percentile of the forecast.", ""),
    counted(BACKTEST, "p90", "The 90th percentile of the forecast.", ""),
    counted(ACCURACY, "weighted", "The weighted values of all these forecasts.", ""),
    counted(ACCURACY, "won_of_them", "What was won of their deals, each by the end of its period.", ""),
    figured(
        ACCURACY,
        "error",
        "How much too high the weighted values were together; below 0, too low.",
        "{weighted} - {won_of_them}",
        "",
    ),
    figured(ACCURACY, "error_share", "That error as a share of what was won.", "{error} / {won_of_them}", ""),
    figured(
        ACCURACY,
        "range_held",
        "Forecasts whose 10th to 90th percentile held what was won; four in five should.",
        "{range_held.count} / {range_held.of}",
        "",
    ),
    counted(CALIBRATION, "mean_probability", "The mean chance of the deals in the band.", ""),
    figured(
        CALIBRATION,
        "share_won",
        "Of those deals the share that was won by the end of its period; each deal once, by its first forecast.",
        "{share_won.count} / {share_won.of}",
        "",
    ),
    counted(NOW, "deals", "Deals in the stage at the end of the period, or now.", "in {stage}"),
    counted(NOW, "value", "Their value, at the rates of that day.", "in {stage}"),
    counted(
        NOW,
        "weighted",
        "Their value, each times the chance of its deal or else of its stage.",
        "in {stage}",
    ),
    counted(NOW, "median_stage_age", "Days that half of them have been in the stage, or less.", "in {stage}"),
    counted(NOW, "longest_stage_age", "Days that the first of them has been in the stage.", "in {stage}"),
    counted(AGES, "day_1_to_7", "Deals in their first to seventh day in the stage.", "in {stage}"),
    counted(AGES, "day_8_to_14", "Deals in their 8th to 14th day.", "in {stage}"),
    counted(AGES, "day_15_to_30", "Deals in their 15th to 30th day.", "in {stage}"),
    counted(AGES, "day_31_to_60", "Deals in their 31st to 60th day.", "in {stage}"),
    counted(AGES, "day_61_to_90", "Deals in their 61st to 90th day.", "in {stage}"),
    counted(AGES, "day_91_on", "Deals in their 91st day or a later one.", "in {stage}"),
    counted(AGES, "no_age", "Deals of unknown creation, which have no age.", "in {stage}"),
    counted(
        WAITING,
        "limit",
        "The stage's `stale_after`; where it has none, the days that nine of ten stays of the 365 days before did not exceed.",
        "",
    ),
    counted(WAITING, "stalled", "Deals longer in the stage than that.", "stalled {stage}"),
    figured(
        WAITING,
        "share_stalled",
        "Stalled of the deals in the stage.",
        "{stalled} / {share_stalled.of}",
        "stalled {stage}",
    ),
    figured(
        WAITING,
        "queue_days",
        "Days that the deals in the stage would take to leave it at the pace of the period (Little's law).",
        "deals now / ({queue_days.n} exits / elapsed days)",
        "left {stage}",
    ),
    counted(STAYS, "stays", "Stays in the stage that ended in the period.", "left {stage}"),
    counted(STAYS, "mean_stay", "Mean days that they took.", "left {stage}"),
    counted(STAYS, "median_stay", "Days that half of them did not exceed.", "left {stage}"),
    counted(STAYS, "p90_stay", "Days that nine of ten of them did not exceed.", "left {stage}"),
    counted(
        STAYS,
        "median_with_open",
        "Kaplan-Meier median days of a stay, those still there followed too: ended stays alone understate it.",
        "left {stage}",
    ),
    counted(
        BOTTLENECKS,
        "signs",
        "Reasons to look at the stage: many stalled, slower, fewer go on, a long queue.",
        "in {stage}",
    ),
    counted(BOTTLENECKS, "deals", "Deals in the stage at the end of the period, or now.", "in {stage}"),
    counted(BOTTLENECKS, "value", "Their value, at the rates of that day.", "in {stage}"),
    figured(
        BOTTLENECKS,
        "share_stalled",
        "Stalled of the deals in the stage.",
        "{share_stalled.count} / {deals}",
        "stalled {stage}",
    ),
    figured(
        BOTTLENECKS,
        "queue_days",
        "Days that the deals in the stage would take to leave it at the pace of the period (Little's law).",
        "{deals} / ({queue_days.n} exits / elapsed days)",
        "left {stage}",
    ),
    counted(MEASURES, "median_stay", "Median days of the stays that ended in the period.", "left {stage}"),
    figured(
        MEASURES,
        "rate_of_decided",
        "Advanced of those that advanced or dropped, of the deals that reached the stage in the period.",
        "{rate_of_decided.count} / {rate_of_decided.of}",
        "advanced {stage}",
    ),
];
