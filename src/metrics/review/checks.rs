//! The checks that every review makes of open deals, each with what it says and the command that mends what it finds.

use super::{Finding, Rules};
use crate::deal::standing::Standing;
use crate::grammar;
use crate::metrics::ground::Ground;
use crate::process::{Lang, Outcome, StageIndex, Transition};
use crate::query::sight::Deal;
use crate::shell;

/// What every review looks for in open deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It lacks what the gates up to its stage ask for.
    GateNotMet,
    /// A rule of the process was overridden to move it into its stage.
    ForcedMove,
    /// It has been in its stage for too long (metrics §5, *stalled*).
    Stalled,
    /// The day on which it was expected to close is over.
    PastCloseDate,
    /// Nothing comes next.
    NoNextStep,
    /// It has no value.
    NoValue,
}

impl Check {
    /// Every check, in the order that the findings of a deal are listed.
    pub const ALL: [Check; 6] = [
        Check::GateNotMet,
        Check::ForcedMove,
        Check::Stalled,
        Check::PastCloseDate,
        Check::NoNextStep,
        Check::NoValue,
    ];

    /// What it is called; a rule of the process with the same id takes its place.
    pub fn id(self) -> &'static str {
        match self {
            Check::GateNotMet => "gate-not-met",
            Check::ForcedMove => "forced-move",
            Check::Stalled => "stalled",
            Check::PastCloseDate => "past-close-date",
            Check::NoNextStep => "no-next-step",
            Check::NoValue => "no-value",
        }
    }
}

/// One open deal under review.
pub(super) struct Case<'c, 'r, D> {
    ground: &'c Ground<'c>,
    rules: &'c Rules<'c>,
    deal: &'c Standing<'r>,
    seen: &'c D,
    /// What it lacks where it stands; empty where nobody asks for it.
    gap: Gap,
}

impl<'c, 'r, D: Deal> Case<'c, 'r, D> {
    /// A deal, with how terms see it.
    pub(super) fn new(
        ground: &'c Ground<'c>,
        rules: &'c Rules<'c>,
        deal: &'c Standing<'r>,
        seen: &'c D,
    ) -> Case<'c, 'r, D> {
        let mut case = Case { ground, rules, deal, seen, gap: Gap::default() };
        if rules.checks.contains(&Check::GateNotMet) {
            case.gap = case.gap_before(deal.stage);
        }
        case
    }

    /// What a check finds.
    pub(super) fn check(&self, check: Check) -> Option<Finding> {
        let found = |say: String, facts: Vec<String>, command: String| {
            Some(Finding { rule: check.id().to_owned(), say, facts, command: Some(command) })
        };
        let (deal, gap, lang) = (self.deal, &self.gap, self.ground.lang);
        let here = self.ground.called(deal.stage);
        match check {
            Check::GateNotMet => {
                let say = match lang {
                    _ if gap.asked.is_empty() => return None,
                    Lang::En => format!("It lacks what {here} asks for: {}", grammar::and(&gap.asked)),
                    Lang::ZhTw => format!("不符合「{here}」的條件：{}", gap.asked.join("、")),
                };
                found(say, gap.facts.clone(), self.supplied(gap))
            }
            Check::ForcedMove => {
                let forced = deal.past.forced.filter(|forced| forced.to == deal.stage)?;
                let day = self.ground.process.zone.day_of(forced.at);
                let from = forced.from.map(|from| self.ground.called(from));
                let say = match (from, lang) {
                    (Some(from), Lang::En) => format!("Forced from {from} to {here} on {day}"),
                    (Some(from), Lang::ZhTw) => format!("{day} 強制由「{from}」移入「{here}」"),
                    (None, Lang::En) => format!("Forced into {here} on {day}"),
                    (None, Lang::ZhTw) => format!("{day} 強制移入「{here}」"),
                };
                found(say, Vec::new(), self.take_back(forced.from))
            }
            Check::Stalled => {
                let days = self.ground.days_in_stage(deal).filter(|_| self.ground.is_stalled(deal))?;
                let limit = self.ground.limits.days(deal.stage)?.floor();
                let mut say = match lang {
                    Lang::En => {
                        format!("In {here} for longer than {}", grammar::count(limit as u64, "day"))
                    }
                    Lang::ZhTw => format!("停留在「{here}」超過 {limit} 天"),
                };
                let (lacks, command) = self.move_on();
                say.push_str(&lacks);
                found(say, vec![format!("stage_age={}d", days.floor())], command)
            }
            Check::PastCloseDate => {
                let day = deal.close_date.filter(|day| *day < self.ground.today)?;
                let say = match lang {
                    Lang::En => "Its expected close date has passed",
                    Lang::ZhTw => "已超過預計結案日",
                };
                found(
                    say.to_owned(),
                    vec![format!("close_date={day}")],
                    self.set(&["close_date=today+30d".to_owned()]),
                )
            }
            Check::NoNextStep => {
                if deal.has_next_step() || gap.lacks("next_step") {
                    return None;
                }
                let (say, call) = match lang {
                    Lang::En => ("There is no next step", "Call"),
                    Lang::ZhTw => ("沒有下一步", "致電"),
                };
                let whom = ["contact", "account", "name"].map(|column| deal.text(column));
                let whom = whom.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
                let step = shell::assignment("next_step", &format!("{call} {whom}"));
                found(say.to_owned(), Vec::new(), self.set(&[step, "next_date=today+3d".to_owned()]))
            }
            Check::NoValue => {
                if deal.value.is_some() || gap.lacks("value") {
                    return None;
                }
                let say = match lang {
                    Lang::En => "It has no value",
                    Lang::ZhTw => "沒有金額",
                };
                found(say.to_owned(), Vec::new(), self.set(&["value=…".to_owned()]))
            }
        }
    }

    fn set(&self, assignments: &[String]) -> String {
        format!("{} {}", shell::about("set", self.deal.text("id"), &[], &[]), assignments.join(" "))
    }

    /// The fields that gates ask for; where no field is enough, a look at how the deal stands.
    fn supplied(&self, gap: &Gap) -> String {
        let fields = gap.fields.iter().map(|(field, value)| shell::assignment(field, value));
        let fields: Vec<String> = fields.collect();
        if fields.is_empty() {
            return shell::about("show", self.deal.text("id"), &[], &[]);
        }
        self.set(&fields)
    }

    /// On to the next stage, the way out of one that has lasted too long: what it lacks for that, and the command.
    fn move_on(&self) -> (String, String) {
        let process = self.ground.process;
        let id = self.deal.text("id");
        let mut after = process.open_stages().skip_while(|(stage, _)| *stage != self.deal.stage).skip(1);
        let mut won = process.outcome_stages(Outcome::Won);
        let (to, verb, then) = match (after.next(), won.next(), won.next()) {
            (Some((next, _)), ..) => (next, "move", vec![process.stage_id(next)]),
            (None, Some((only, _)), None) => (only, "win", Vec::new()),
            // Which of several it would be is for a person to say.
            _ => return (String::new(), shell::about("show", id, &[], &[])),
        };
        let gap = self.gap_before(to);
        let there = self.ground.called(to);
        let lacks = match self.ground.lang {
            _ if gap.asked.is_empty() => String::new(),
            Lang::En => format!("; {there} asks for {}", grammar::and(&gap.asked)),
            Lang::ZhTw => format!("；進入「{there}」還需要：{}", gap.asked.join("、")),
        };
        let command = match gap.flags() {
            Some(flags) => shell::about(verb, id, &then, &options(&flags)),
            None => self.supplied(&gap),
        };
        (lacks, command)
    }

    /// Back to where it was forced from, where the process lets it; else a look at why.
    fn take_back(&self, from: Option<StageIndex>) -> String {
        let process = self.ground.process;
        let id = self.deal.text("id");
        let back = from.filter(|from| process.is_open(*from) && *from < self.deal.stage);
        let back = back.filter(|_| process.transitions.back != Transition::Deny);
        match back.and_then(|from| Some((from, self.gap_before(from).flags()?))) {
            Some((from, flags)) => {
                let note = match self.ground.lang {
                    Lang::En => "not ready yet",
                    Lang::ZhTw => "條件尚未成熟",
                };
                let with = [&[("--note", note)], &options(&flags)[..]].concat();
                shell::about("move", id, &[process.stage_id(from)], &with)
            }
            None => shell::about("show", id, &[], &[("--section", "history")]),
        }
    }

    /// What the gates up to a stage ask for and the deal has not.
    fn gap_before(&self, stage: StageIndex) -> Gap {
        let (deal, rules) = (self.deal, self.rules);
        let mut gap = Gap::default();
        let gates = rules.gates.iter().find(|(gate, _)| *gate == stage);
        let Some((_, conditions)) = gates else { return gap };
        let required = self.ground.process.gates_to(stage).flat_map(|(_, gate)| &gate.require);
        for field in required.filter(|field| deal.text(field).is_empty()) {
            if !gap.lacks(field) {
                gap.asked.push(field.clone());
                gap.supply((field.clone(), "…".to_owned()));
                gap.facts.push(format!("{field}="));
            }
        }
        for unmet in conditions.unmet(self.seen) {
            if !gap.asked.iter().any(|asked| asked == unmet.terms) {
                gap.asked.push(unmet.terms.to_owned());
            }
            gap.needs_more |= unmet.assignment.is_none() && unmet.levers.is_empty();
            let levers = unmet.levers.iter().map(|field| (field.clone(), "…".to_owned()));
            match &unmet.assignment {
                Some(assignment) => gap.supply(assignment.clone()),
                None => levers.for_each(|field| gap.supply(field)),
            }
            for fact in rules.sight.facts(unmet.query, self.seen) {
                if !gap.facts.contains(&fact) {
                    gap.facts.push(fact);
                }
            }
        }
        gap
    }
}

/// Flags that set fields on the way, as options of a command.
fn options(flags: &[String]) -> Vec<(&str, &str)> {
    flags.iter().map(|flag| ("--set", flag.as_str())).collect()
}

/// What a deal lacks at the gates up to a stage.
#[derive(Debug, Default)]
struct Gap {
    /// The fields and the terms.
    asked: Vec<String>,
    /// What would supply them, as far as a field does.
    fields: Vec<(String, String)>,
    /// Whether a term asks for what no field supplies, such as a call.
    needs_more: bool,
    facts: Vec<String>,
}

impl Gap {
    /// The assignments that open the gates on the way; `None` where fields alone do not.
    fn flags(&self) -> Option<Vec<String>> {
        let assignments = self.fields.iter().map(|(field, value)| format!("{field}={value}"));
        (!self.needs_more).then(|| assignments.collect())
    }

    /// Adds a field; the value that a term asks for is said rather than that of a person to fill in.
    fn supply(&mut self, (name, value): (String, String)) {
        match self.fields.iter_mut().find(|(field, _)| *field == name) {
            Some((_, known)) if known == "…" => *known = value,
            Some(_) => {}
            None => self.fields.push((name, value)),
        }
    }

    fn lacks(&self, field: &str) -> bool {
        self.fields.iter().any(|(name, _)| name == field)
    }
}
