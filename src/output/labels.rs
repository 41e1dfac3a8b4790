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
    ("previous", "Previous", "前期"),
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
    ("due", "Due", "期限"),
    ("overdue", "Overdue", "逾期"),
    ("today", "Today", "今天"),
    ("coming", "Coming", "即將到期"),
    ("undated", "No day", "未定日期"),
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
    ("size", "Deal size", "成交金額"),
    ("summary", "Summary", "摘要"),
    ("stages", "Stages", "階段"),
    ("scores", "Scores", "評分"),
    ("slippage", "Slippage", "延期"),
    ("owners", "Owners", "負責人一覽"),
    ("on_time", "On time", "準時"),
    ("pushed_often", "Pushed three times or more", "延期三次以上"),
    ("past_close_date", "Past their close date", "逾期未結"),
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
