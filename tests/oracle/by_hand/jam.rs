//! A folder in which both stages show signs, each at least one: of April 2026, seen from its end, UTC.
//!
//! | deals | what happens |
//! |---|---|
//! | m0 … m9 | talk 5 March · offer 9 March; m0 is won on 20 April |
//! | a0 … a9 | talk 2 April · after 8 days a0, a1, a2 go to offer, the others are lost |
//! | s0, s1, s2 | talk 1 April, and still there |
//! | t0 | talk 28 April |
//!
//! Both stages are stale after 10 days. The period before is 2 to 31 March, as it was at the end of 31 March.

use std::fmt::Write;

use serde_json::json;

use super::{Page, Worked, days, rate};
use crate::report::Question;

const YAML: &str = "\
name: Jam
currency: USD
stages:
  - {id: talk, probability: 20%, stale_after: 10d}
  - {id: offer, probability: 50%, stale_after: 10d}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
";

pub(super) fn page() -> Page {
    let mut deals = "id,name,stage,value\n".to_owned();
    let mut history = "at,deal,event,field,from,to,by,note\n".to_owned();
    let mut deal = |id: String, path: &[(&str, &str)]| {
        let mut from = "";
        for (day, stage) in path {
            writeln!(history, "{day}T00:00:00.000Z,{id},stage,,{from},{stage},,").unwrap();
            from = stage;
        }
        writeln!(deals, "{id},{id},{from},100").unwrap();
    };
    for number in 0..10 {
        let won = [("2026-03-05", "talk"), ("2026-03-09", "offer"), ("2026-04-20", "won")];
        deal(format!("m{number}"), if number == 0 { &won } else { &won[..2] });
        let next = if number < 3 { "offer" } else { "lost" };
        deal(format!("a{number}"), &[("2026-04-02", "talk"), ("2026-04-10", next)]);
    }
    for number in 0..3 {
        deal(format!("s{number}"), &[("2026-04-01", "talk")]);
    }
    deal("t0".to_owned(), &[("2026-04-28", "talk")]);
    Page { yaml: YAML.to_owned(), deals, history, worked: vec![bottlenecks()] }
}

fn bottlenecks() -> Worked {
    let expected = vec![
        ("/bottlenecks/total/0/stage", json!("talk")),
        ("/bottlenecks/total/0/signs", json!(3)),
        // talk: s0, s1, s2 of four are stalled.
        ("/bottlenecks/total/0/deals", json!(4)),
        ("/bottlenecks/total/0/share_stalled", rate(3, 4)),
        // 4 / (10 / 30).
        ("/bottlenecks/total/0/queue_days/days", json!(12.0)),
        ("/bottlenecks/total/1/stage", json!("offer")),
        ("/bottlenecks/total/1/signs", json!(2)),
        // offer: nine of March and three of April, all for more than 10 days; 12 / (1 / 30), the most, and 1.5 · 10.
        ("/bottlenecks/total/1/share_stalled", rate(12, 12)),
        ("/bottlenecks/total/1/queue_days/days", json!(360.0)),
        (
            "/signs/total",
            json!([
                {"stage": "talk", "sign": "many_stalled"},
                {"stage": "talk", "sign": "slower"},
                {"stage": "talk", "sign": "fewer_advance"},
                {"stage": "offer", "sign": "many_stalled"},
                {"stage": "offer", "sign": "long_queue"},
            ]),
        ),
        // Stays of 8 days, of 4 before; 3 of 10 went on, 10 of 10 before: Newcombe's interval of −0.7 ends at
        // −0.7 + √((0.603 − 0.3)² + (1 − 0.722)²) = −0.289.
        ("/measures/total/0/median_stay", days(8.0, 10)),
        ("/measures/total/0/median_stay_before", days(4.0, 10)),
        ("/measures/total/0/median_stay_change", json!(4.0)),
        ("/measures/total/0/rate_of_decided", rate(3, 10)),
        ("/measures/total/0/rate_of_decided_before", rate(10, 10)),
        ("/act_on/total/0/id", json!("s0")),
        ("/act_on/total/0/stage_age", json!(30.0)),
        ("/act_on/total/2/id", json!("s2")),
        // All of one value: the nine of March first, for 53 days.
        ("/act_on/total/3/id", json!("m1")),
        ("/act_on/total/3/stage_age", json!(53.0)),
        ("/act_on/total/12/id", json!("a0")),
        ("/act_on/total/14/id", json!("a2")),
    ];
    let april = Some("2026-04".to_owned());
    let as_of = Some("2026-04-30".parse().unwrap());
    (Question { period: april, as_of, ..Question::new("bottlenecks", "2026-05-15") }, expected)
}
