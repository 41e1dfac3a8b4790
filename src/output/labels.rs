//! What people call the keys of sections and columns, and the few words of ours in tables, in each language.

use std::borrow::Cow;

use crate::grammar;
use crate::process::Lang;

/// A key, and what it is called in English and in Traditional Chinese.
type Label = (&'static str, &'static str, &'static str);

/// Columns of deals.csv, and what is derived of them.
const DEALS: &[Label] = &[
    ("id", "ID", "編號"),
    ("name", "Name", "名稱"),
    ("account", "Account", "客戶"),
    ("contact", "Contact", "聯絡人"),
    ("owner", "Owner", "負責人"),
    ("team", "Team", "團隊"),
    ("source", "Source", "來源"),
    ("stage", "Stage", "階段"),
    ("stage_since", "In stage since", "進入階段日"),
    ("value", "Value", "金額"),
    ("currency", "Currency", "幣別"),
    ("probability", "Probability", "成交機率"),
    ("created", "Created", "建立"),
    ("close_date", "Close date", "預計結案日"),
    ("closed", "Closed", "結案"),
    ("reason", "Reason", "原因"),
    ("next_step", "Next step", "下一步"),
    ("next_date", "Next date", "下一步日期"),
    ("forecast", "Forecast", "預測類別"),
    ("tags", "Tags", "標籤"),
    ("status", "Status", "狀態"),
    ("age", "Age", "存續天數"),
    ("stage_age", "In stage", "階段天數"),
    ("idle", "Idle", "未聯絡天數"),
    ("pushes", "Pushes", "延期次數"),
    ("stalls", "Stalls", "停滯次數"),
    ("touches", "Touches", "互動次數"),
    ("score", "Score", "評分"),
    ("rule", "Rule", "規則"),
    ("points", "Points", "分數"),
    ("holds", "Holds", "成立"),
    ("pipeline", "Pipeline", "管道"),
    ("source_id", "Source ID", "來源編號"),
];

/// Figures.
const FIGURES: &[Label] = &[
    ("won", "Won", "成交"),
    ("lost", "Lost", "失單"),
    ("disqualified", "Disqualified", "資格不符"),
    ("opened", "Opened", "新開"),
    ("open", "Open", "進行中"),
    ("win_rate", "Win rate", "成交率"),
    ("conversion_rate", "Conversion rate", "轉換率"),
    ("win_rate_by_value", "Win rate by value", "金額成交率"),
    ("created_win_rate", "Win rate of created", "新建成交率"),
    ("share_open", "Still open", "未結比例"),
    ("reached", "Reached", "到達"),
    ("advanced", "Advanced", "推進"),
    ("dropped", "Dropped", "流失"),
    ("pending", "Pending", "待定"),
    ("rate_so_far", "Rate so far", "目前轉換率"),
    ("rate_of_decided", "Rate of decided", "已定轉換率"),
    ("to_won", "To won", "至成交"),
    ("means", "Means", "定義"),
    ("worked_out", "Worked out", "計算"),
    ("ids", "--ids", "對應商機"),
    ("within_days", "Within days", "天數內"),
    ("at_risk", "At risk", "觀察中"),
    ("share_of_first", "Share of first", "占首階段"),
    ("share_of_previous", "Share of previous", "占前階段"),
    ("count", "Count", "數量"),
    ("total", "Total", "總額"),
    ("mean", "Mean", "平均"),
    ("median", "Median", "中位數"),
    ("lower_quartile", "Lower quartile", "第一四分位數"),
    ("upper_quartile", "Upper quartile", "第三四分位數"),
    ("smallest", "Smallest", "最小"),
    ("largest", "Largest", "最大"),
    ("mean_lost", "Mean lost", "失單平均金額"),
    ("mean_open", "Mean open", "進行中平均金額"),
    ("opportunities", "Opportunities", "進行中商機數"),
    ("velocity", "Velocity", "銷售速度"),
    ("mean_size", "Mean deal size", "平均成交金額"),
    ("mean_cycle", "Mean sales cycle", "平均銷售週期"),
    ("median_cycle", "Median sales cycle", "銷售週期中位數"),
    ("p90_cycle", "90 % close within", "九成結案天數"),
    ("median_time_to_close", "Median time to close", "結案時間中位數"),
    ("throughput", "Throughput", "每日成交額"),
    ("sensitivity", "Sensitivity", "敏感度"),
    ("factor", "Factor", "因素"),
    ("change", "Change", "變動"),
    ("per_day", "Per day", "每日"),
    ("deals", "Deals", "商機數"),
    ("weighted", "Weighted", "加權金額"),
    ("stalled", "Stalled", "停滯"),
    ("oldest", "Oldest", "最久"),
    ("this_period", "Value", "本期"),
    ("before", "Before", "前期"),
    ("figure", "Figure", "指標"),
    ("figure_value", "Value", "數值"),
    ("details", "Details", "說明"),
    ("now", "Now", "現況"),
    ("mean_lost_cycle", "Mean cycle of lost", "失單平均週期"),
    ("median_lost_cycle", "Median cycle of lost", "失單週期中位數"),
    ("p90_lost_cycle", "90 % lost within", "九成失單天數"),
    ("share_pending", "Share pending", "待定比例"),
    ("step", "Step", "項目"),
    ("open_at_start", "Open at the start", "期初進行中"),
    ("reopened", "Reopened", "重啟"),
    ("value_up", "Value up", "金額增加"),
    ("value_down", "Value down", "金額減少"),
    ("open_at_end", "Open at the end", "期末進行中"),
    ("pushed_deals", "Deals pushed", "延期商機數"),
    ("days_pushed", "Days pushed", "延期天數"),
    ("median_push", "Median push", "延期天數中位數"),
    ("pulled_in_deals", "Deals pulled in", "提前商機數"),
    ("pull_ins", "Pull-ins", "提前次數"),
    ("days_pulled_in", "Days pulled in", "提前天數"),
    ("came_due", "Came due", "到期商機數"),
    ("due", "Due", "到期"),
    ("won_on_time", "Won on time", "準時成交"),
    ("won_later", "Won later", "延後成交"),
    ("still_open", "Still open", "仍進行中"),
    ("days_past", "Days past", "逾期天數"),
    ("share", "Share", "占比"),
    ("median_spent", "Median days spent", "耗時中位數"),
    ("no_reason", "(no reason)", "(未填原因)"),
    ("calls", "Calls", "電話"),
    ("emails", "Emails", "電子郵件"),
    ("meetings", "Meetings", "會議"),
    ("notes", "Notes", "備註"),
    ("all", "All", "全部"),
    ("share_idle", "Idle", "未聯絡比例"),
    ("idle_value", "Idle value", "未聯絡金額"),
    ("mean_touches", "Mean touches", "平均互動次數"),
    ("median_touches", "Median touches", "互動次數中位數"),
    ("what", "What", "事項"),
    ("pushed", "Pushed", "延期"),
    ("steps_overdue", "Next step overdue", "下一步逾期"),
    ("steps_due", "Next step in 7 days", "七天內的下一步"),
    ("past_close_date", "Past close date", "已過預計結案日"),
    ("closing_soon", "Closing in 7 days", "七天內預計結案"),
    ("won_so_far", "Won so far", "目前成交"),
    ("due_value", "Value due", "到期金額"),
    ("target", "Target", "目標"),
    ("gap", "Gap", "缺口"),
    ("attainment", "Attainment", "達成率"),
    ("coverage", "Coverage", "覆蓋率"),
    ("p10", "10th percentile", "第 10 百分位數"),
    ("p50", "50th percentile", "第 50 百分位數"),
    ("p90", "90th percentile", "第 90 百分位數"),
    ("chance_of_target", "Chance to reach the target", "達標機率"),
    ("draws", "Draws", "抽樣次數"),
    ("overdue", "Overdue", "逾期"),
    ("undated", "Undated", "未定日期"),
    ("category", "Category", "類別"),
    ("commit", "Commit", "承諾"),
    ("best_case", "Best case", "樂觀"),
    ("omitted", "Omitted", "不計入"),
    ("set_probability", "Set probability", "設定機率"),
    ("won_of_closed", "Won of closed", "結案成交比"),
    ("won_of_them", "Won of them", "其中成交"),
    ("error", "Error", "誤差"),
    ("error_share", "Error to won", "誤差率"),
    ("held", "Range held", "落在區間"),
    ("range_held", "Range held", "落在區間比例"),
    ("band", "Band", "機率區間"),
    ("mean_probability", "Mean probability", "平均機率"),
    ("share_won", "Share won", "成交比例"),
    ("median_stage_age", "Median in stage", "階段天數中位數"),
    ("longest_stage_age", "Longest in stage", "最長階段天數"),
    ("day_1_to_7", "1-7 d", "1-7 天"),
    ("day_8_to_14", "8-14 d", "8-14 天"),
    ("day_15_to_30", "15-30 d", "15-30 天"),
    ("day_31_to_60", "31-60 d", "31-60 天"),
    ("day_61_to_90", "61-90 d", "61-90 天"),
    ("day_91_on", "91+ d", "91+ 天"),
    ("no_age", "No age", "天數不明"),
    ("limit", "Stale after", "停滯門檻"),
    ("share_stalled", "Share stalled", "停滯比例"),
    ("queue_days", "Queue", "排隊天數"),
    ("stays", "Stays", "停留"),
    ("mean_stay", "Mean stay", "平均停留"),
    ("median_stay", "Median stay", "停留中位數"),
    ("p90_stay", "90 % stay up to", "九成停留"),
    ("median_with_open", "Median with open", "含進行中中位數"),
    ("signs", "Signs", "徵兆"),
    ("sign", "Sign", "徵兆類別"),
    ("says", "Says", "數據"),
    ("many_stalled", "Many stalled", "多件停滯"),
    ("slower", "Slower", "變慢"),
    ("fewer_advance", "Fewer go on", "推進減少"),
    ("long_queue", "Long queue", "排隊過長"),
    ("period", "Period", "期間"),
    ("week", "Week", "週"),
    ("month", "Month", "月"),
    ("quarter", "Quarter", "季"),
    ("year", "Year", "年"),
];

/// Columns of history.csv, and of what is listed beside deals.
const EVENTS: &[Label] = &[
    ("at", "At", "時間"),
    ("deal", "Deal", "商機"),
    ("event", "Event", "事件"),
    ("field", "Field", "欄位"),
    ("from", "From", "原值"),
    ("to", "To", "新值"),
    ("by", "By", "經手人"),
    ("note", "Note", "備註"),
    ("did", "Change", "變更內容"),
    ("undone", "Undone", "已復原"),
    ("fate", "Plan", "計畫"),
    ("new_deal", "new", "新增"),
    ("changed_deal", "changed", "更新"),
    ("unchanged", "unchanged", "不變"),
    ("deleted_there", "deleted", "刪除"),
    ("left_out", "left out", "略過"),
    ("of", "Of", "對象"),
    ("theirs", "Theirs", "對方用語"),
    ("ours", "Ours", "本處用語"),
    ("rows", "Rows", "列數"),
    ("severity", "Severity", "嚴重性"),
    ("file", "File", "檔案"),
    ("line", "Line", "行"),
    ("column", "Column", "字元位置"),
    ("message", "Problem", "問題"),
    ("help", "What to do", "處理方式"),
    ("like", "Like", "相似於"),
    ("why", "Why", "理由"),
    ("finding", "Finding", "發現"),
    ("facts", "Facts", "依據"),
    ("today", "Today", "今天"),
    ("coming", "Coming", "即將到期"),
    ("no_next_step", "No step", "未排定"),
    ("command", "Command", "指令"),
    ("outcome", "Outcome", "結果"),
    ("requires", "Requires", "進入條件"),
    ("on_enter", "On entry", "進入時填入"),
    ("goal", "Goal", "目標"),
    ("checklist", "Checklist", "檢查清單"),
    ("stale_after", "Stale after", "停滯門檻"),
];

/// Sections.
const SECTIONS: &[Label] = &[
    ("plan", "Plan", "計畫"),
    ("taken", "Taken for", "對應"),
    ("board", "Board", "看板"),
    ("history", "History", "歷程"),
    ("changes", "Changes", "變更"),
    ("problems", "Problems", "問題清單"),
    ("agenda", "Agenda", "待辦"),
    ("review", "Review", "檢視"),
    ("duplicates", "Duplicates", "重複商機"),
    ("figures", "Figures", "指標一覽"),
    ("cycle", "Sales cycle", "銷售週期"),
    ("conversion", "Conversion", "轉換"),
    ("funnel", "Funnel", "銷售漏斗"),
    ("curve", "Win curve", "成交曲線"),
    ("explained", "Explained", "指標說明"),
    ("happened", "In the period", "本期動態"),
    ("this_quarter", "This quarter", "本季"),
    ("bottleneck", "Worst bottleneck", "最大瓶頸"),
    ("to_do", "To do", "待辦事項"),
    ("outlook", "Outlook", "業績展望"),
    ("range", "Range", "可能範圍"),
    ("months", "By close date", "依預計結案月"),
    ("categories", "By category", "依預測類別"),
    ("probabilities", "Probabilities of history", "歷史成交機率"),
    ("backtest", "Backtest", "回測"),
    ("accuracy", "Accuracy", "準確度"),
    ("calibration", "Calibration", "校準"),
    ("size", "Deal size", "成交金額"),
    ("summary", "Summary", "摘要"),
    ("stages", "Stages", "階段"),
    ("ages", "Days in stage", "停留天數"),
    ("waiting", "Waiting", "等候"),
    ("bottlenecks", "Bottlenecks", "瓶頸"),
    ("act_on", "Deals to act on", "待處理商機"),
    ("measures", "Measures", "比較指標"),
    ("scores", "Scores", "評分"),
    ("slippage", "Slippage", "延期"),
    ("owners", "Owners", "負責人一覽"),
    ("on_time", "On time", "準時"),
    ("pushed_often", "Pushed three times or more", "延期三次以上"),
    ("losses", "Losses", "失單"),
    ("reasons", "Reasons", "原因一覽"),
    ("activity", "Activity", "活動"),
    ("idle_deals", "Idle deals", "未聯絡商機"),
    ("touches_per_win", "Touches per won deal", "每筆成交互動次數"),
];

/// What a key is called: by the tables above, else by itself: `budget_year` is `Budget year`.
pub fn label(key: &str, lang: Lang) -> Cow<'_, str> {
    match (known(key), lang) {
        (Some((_, english, _)), Lang::En) => Cow::Borrowed(english),
        (Some((_, _, chinese)), Lang::ZhTw) => Cow::Borrowed(chinese),
        (None, _) => Cow::Owned(spelled(key)),
    }
}

/// Whether the tables above have a key. All of ours have to be there; what a user's file calls its columns is not.
pub(super) fn is_known(key: &str) -> bool {
    known(key).is_some()
}

fn known(key: &str) -> Option<&'static Label> {
    [DEALS, FIGURES, EVENTS, SECTIONS].into_iter().flatten().find(|(known, _, _)| *known == key)
}

fn spelled(key: &str) -> String {
    let spaced = key.replace('_', " ");
    let mut chars = spaced.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => spaced,
    }
}

/// A word of ours that stands among figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Heads the row over all groups.
    Total,
    /// Marks a figure over too few deals to rest on.
    Few,
    /// Before the as-of day.
    AsOf,
    /// The unit of a length of time.
    Days,
    /// A flag that is set.
    Yes,
    /// A flag that is not.
    No,
    /// The group of deals that have none.
    None,
    /// The unit of a difference of two rates.
    Points,
    /// Said of a rate whose change may as well be none.
    NoClearChange,
}

impl Word {
    /// The word in a language.
    pub(super) fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Word::Total, Lang::En) => "total",
            (Word::Total, Lang::ZhTw) => "合計",
            (Word::Few, Lang::En) => "few",
            (Word::Few, Lang::ZhTw) => "少",
            (Word::AsOf, Lang::En) => "as of",
            (Word::AsOf, Lang::ZhTw) => "截至",
            (Word::Days, Lang::En) => "d",
            (Word::Days, Lang::ZhTw) => "天",
            (Word::Yes, Lang::En) => "yes",
            (Word::Yes, Lang::ZhTw) => "是",
            (Word::No, Lang::En) => "no",
            (Word::No, Lang::ZhTw) => "否",
            (Word::None, Lang::En) => "(none)",
            (Word::None, Lang::ZhTw) => "(無)",
            (Word::Points, Lang::En) => "pp",
            (Word::Points, Lang::ZhTw) => "百分點",
            (Word::NoClearChange, Lang::En) => "no clear change",
            (Word::NoClearChange, Lang::ZhTw) => "無明顯變化",
        }
    }
}

/// `7 deals`.
pub(super) fn so_many_deals(count: u64, lang: Lang) -> String {
    match lang {
        Lang::En => grammar::count(count, "deal"),
        Lang::ZhTw => format!("{count} 件"),
    }
}

/// `3 stalled`.
pub(super) fn so_many_stalled(count: u64, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{count} stalled"),
        Lang::ZhTw => format!("{count} 件停滯"),
    }
}

/// `25 d`: whole days that have passed.
pub(super) fn so_many_days(days: f64, lang: Lang) -> String {
    format!("{:.0} {}", days.floor(), Word::Days.text(lang))
}

/// `143 more`, where not all are shown.
pub(super) fn more(count: u64, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{count} more"),
        Lang::ZhTw => format!("另有 {count} 件"),
    }
}

/// `4,238 of 6,711`.
pub(super) fn so_many_of(count: &str, of: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{count} of {of}"),
        Lang::ZhTw => format!("{of} 件中 {count} 件"),
    }
}

/// `and 12 more`.
pub(super) fn and_more(count: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("and {count} more"),
        Lang::ZhTw => format!("另有 {count} 筆"),
    }
}

/// `+2.0 to +9.1 pp`.
pub(super) fn from_to(low: &str, high: &str, unit: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{low} to {high} {unit}"),
        Lang::ZhTw => format!("{low} 至 {high} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::deal::event;
    use crate::process::{COLUMNS, DERIVED};

    #[test]
    fn every_key_has_both_languages_and_stands_once() {
        let mut seen = BTreeSet::new();
        for (key, english, chinese) in [DEALS, FIGURES, EVENTS, SECTIONS].into_iter().flatten() {
            assert!(seen.insert(key), "{key} stands twice");
            assert!(!english.is_empty() && english.is_ascii(), "{key}");
            assert!(!chinese.is_empty() && !chinese.is_ascii(), "{key}");
        }
    }

    #[test]
    fn every_column_that_a_folder_may_have_is_named() {
        let columns = COLUMNS.iter().chain(&DERIVED).chain(&event::COLUMNS);
        let missing: Vec<&&str> = columns.filter(|key| !is_known(key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn an_unknown_key_is_spelled_out() {
        assert_eq!(label("win_rate", Lang::En), "Win rate");
        assert_eq!(label("win_rate", Lang::ZhTw), "成交率");
        assert_eq!(label("budget_year", Lang::ZhTw), "Budget year");
        assert_eq!(label("", Lang::En), "");
    }
}
