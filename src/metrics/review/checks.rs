//! The checks that every review makes of open deals, each with what it says and the command that mends what it finds.

use super::{Finding, Rules};
use crate::deal::standing::Standing;
use crate::grammar;
use crate::metrics::ground::Ground;
use crate::process::{Lang, StageIndex, Transition};
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
pub(super) struct Case<'c, 'r> {
    ground: &'c Ground<'c>,
    deal: &'c Standing<'r>,
    /// Empty where nobody asks for it.
    gap: Gap,
}

impl<'c, 'r> Case<'c, 'r> {
    /// A deal, with how terms see it.
    pub(super) fn new<D: Deal>(
        ground: &'c Ground<'c>,
        rules: &Rules<'_>,
        deal: &'c Standing<'r>,
        seen: &D,
    ) -> Case<'c, 'r> {
        let asked = rules.checks.contains(&Check::GateNotMet);
        let gap = if asked { Gap::of(ground, rules, deal, seen) } else { Gap::default() };
        Case { ground, deal, gap }
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
                found(say, gap.facts.clone(), self.supplied())
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
                let say = match lang {
                    Lang::En => {
                        format!("In {here} for longer than {}", grammar::count(limit as u64, "day"))
                    }
                    Lang::ZhTw => format!("停留在「{here}」超過 {limit} 天"),
                };
                found(say, vec![format!("stage_age={}d", days.floor())], self.move_on())
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
        format!("{} {}", shell::command(&["pipeline", "set", self.deal.text("id")]), assignments.join(" "))
    }

    /// The fields that a gate asks for; where no field is enough, a look at how the deal stands.
    fn supplied(&self) -> String {
        let fields = self.gap.fields.iter().map(|(field, value)| shell::assignment(field, value));
        let fields: Vec<String> = fields.collect();
        if fields.is_empty() {
            return shell::command(&["pipeline", "show", self.deal.text("id")]);
        }
        self.set(&fields)
    }

    /// On to the next stage, the way out of one that has lasted too long.
    fn move_on(&self) -> String {
        let process = self.ground.process;
        let mut after = process.open_stages().skip_while(|(stage, _)| *stage != self.deal.stage).skip(1);
        match after.next() {
            Some((next, _)) => {
                shell::command(&["pipeline", "move", self.deal.text("id"), process.stage_id(next)])
            }
            None => shell::command(&["pipeline", "win", self.deal.text("id")]),
        }
    }

    /// Back to where it was forced from, where the process lets it; else a look at why.
    fn take_back(&self, from: Option<StageIndex>) -> String {
        let process = self.ground.process;
        let id = self.deal.text("id");
        let back = from.filter(|from| process.is_open(*from) && *from < self.deal.stage);
        match back.filter(|_| process.transitions.back != Transition::Deny) {
            Some(from) => {
                let note = match self.ground.lang {
                    Lang::En => "not ready yet",
                    Lang::ZhTw => "條件尚未成熟",
                };
                shell::command(&["pipeline", "move", id, process.stage_id(from), "--note", note])
            }
            None => shell::command(&["pipeline", "show", id, "--section", "history"]),
        }
    }
}

/// What a deal lacks at the gates up to its stage.
#[derive(Debug, Default)]
struct Gap {
    /// The fields and the terms.
    asked: Vec<String>,
    /// What would supply them, as far as a field does.
    fields: Vec<(String, String)>,
    facts: Vec<String>,
}

impl Gap {
    /// What the gates up to its stage ask for and a deal has not.
    fn of<D: Deal>(ground: &Ground<'_>, rules: &Rules<'_>, deal: &Standing<'_>, seen: &D) -> Gap {
        let mut gap = Gap::default();
        let gates = rules.gates.iter().find(|(stage, _)| *stage == deal.stage);
        let Some((stage, conditions)) = gates else { return gap };
        let required = ground.process.gates_to(*stage).flat_map(|(_, gate)| &gate.require);
        for field in required.filter(|field| deal.text(field).is_empty()) {
            if !gap.lacks(field) {
                gap.asked.push(field.clone());
                gap.supply((field.clone(), "…".to_owned()));
                gap.facts.push(format!("{field}="));
            }
        }
        for unmet in conditions.unmet(seen) {
            if !gap.asked.iter().any(|asked| asked == unmet.terms) {
                gap.asked.push(unmet.terms.to_owned());
            }
            let levers = unmet.levers.iter().map(|field| (field.clone(), "…".to_owned()));
            match &unmet.assignment {
                Some(assignment) => gap.supply(assignment.clone()),
                None => levers.for_each(|field| gap.supply(field)),
            }
            for fact in rules.sight.facts(unmet.query, seen) {
                if !gap.facts.contains(&fact) {
                    gap.facts.push(fact);
                }
            }
        }
        gap
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
