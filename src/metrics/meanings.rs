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
