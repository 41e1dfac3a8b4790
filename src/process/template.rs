//! The processes that `pipeline init` begins with. One is spelled out, the repository's own `pipeline.yaml`; of the
//! shorter ones only the stages that differ are, and everything around the stages is the same.

/// The `pipeline.yaml` that `pipeline init` writes: seven stages and three outcomes.
pub const SEVEN_STAGES: &str = include_str!("../../pipeline.yaml");

/// A process to begin with; a shorter one leaves out what a longer one has between its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Template {
    /// All stages that there are.
    Seven,
    /// Without `contact`.
    Six,
    /// Without `needs` and `negotiation`.
    Five,
    /// From a `lead` to the `closing`.
    Four,
}

/// What stands before the stages, before each of them, and after them.
const STAGES: &str = "\nstages:";
const STAGE: &str = "\n  - id: ";
const REST: &str = "\n\n# ";

impl Template {
    /// All of them, the longest first.
    pub const ALL: [Template; 4] = [Template::Seven, Template::Six, Template::Five, Template::Four];

    /// The `pipeline.yaml` of this process, in both languages.
    pub fn text(self) -> String {
        let (head, tail) = SEVEN_STAGES.split_once(STAGES).unwrap_or_default();
        let (_, rest) = tail.split_once(REST).unwrap_or_default();
        let stages: Vec<String> =
            self.stages().map(|stage| format!("{STAGE}{}\n", self.spelled_out(stage))).collect();
        format!("{head}{STAGES}{}{REST}{rest}", stages.concat().trim_end())
    }

    /// Its stages from their ids on; those that a longer process spells out are an id alone.
    fn stages(self) -> impl Iterator<Item = &'static str> {
        let text = match self {
            Template::Seven => SEVEN_STAGES,
            Template::Six => include_str!("templates/six.yaml"),
            Template::Five => include_str!("templates/five.yaml"),
            Template::Four => include_str!("templates/four.yaml"),
        };
        let (_, stages) = text.split_once(STAGES).unwrap_or_default();
        let stages = stages.split_once(REST).map_or(stages, |(stages, _)| stages);
        stages.split(STAGE).skip(1).map(str::trim_end)
    }

    /// A stage of this process, as it or the next longer one spells it out.
    fn spelled_out(self, stage: &'static str) -> &'static str {
        let longer = Template::ALL.into_iter().rev().skip_while(|other| *other > self);
        let id = stage.lines().next().unwrap_or_default();
        let spells_it_out = |other: &&str| other.strip_prefix(id).is_some_and(|rest| rest.starts_with('\n'));
        longer.flat_map(Template::stages).find(spells_it_out).unwrap_or(stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Lang, Outcome, Process, read};

    fn process(text: &str) -> Process {
        read("pipeline.yaml", text).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    #[test]
    fn seven_stages_are_the_file_of_the_repository() {
        assert_eq!(Template::Seven.text(), SEVEN_STAGES);
    }

    #[test]
    fn each_has_its_stages_in_order_with_guidance_in_both_languages() {
        for (template, stages) in [
            (
                Template::Seven,
                "prospecting qualification contact needs proposal negotiation closing won lost disqualified",
            ),
            (
                Template::Six,
                "prospecting qualification needs proposal negotiation closing won lost disqualified",
            ),
            (Template::Five, "prospecting qualification contact proposal closing won lost disqualified"),
            (Template::Four, "lead qualification proposal closing won lost disqualified"),
        ] {
            let process = process(&template.text());
            let ids: Vec<&str> = process.stages.iter().map(|stage| stage.id.as_str()).collect();
            assert_eq!(ids.join(" "), stages);
            for stage in &process.stages {
                let steps = stage.checklist.len();
                assert!((3..=5).contains(&steps), "{template:?}: {} has {steps} steps", stage.id);
                for words in [&stage.name, &stage.goal].into_iter().chain(&stage.checklist) {
                    let [english, chinese] = [Lang::En, Lang::ZhTw].map(|lang| words.text(lang));
                    assert!(english.is_ascii() && !english.is_empty(), "{english}");
                    assert!(chinese.chars().any(|c| c > '\u{2e7f}'), "{chinese}");
                }
            }
            for outcome in Outcome::ALL {
                assert_eq!(process.outcome_stages(outcome).count(), 1, "{template:?}: {outcome}");
            }
        }
    }

    #[test]
    fn chances_rise_from_stage_to_stage() {
        for template in Template::ALL {
            let process = process(&template.text());
            let chances: Vec<_> = process.open_stages().map(|(_, stage)| stage.probability).collect();
            assert!(chances.is_sorted_by(|a, b| a.is_some() && a < b), "{template:?}: {chances:?}");
        }
    }

    #[test]
    fn the_commented_lines_read_too() {
        let example =
            ["# was:", "# enter:", "# teams:", "# rates:", "# decimals:", "# targets:", "#   - {period"];
        let seven = process(SEVEN_STAGES);
        for template in Template::ALL {
            let text = template.text();
            let on = |line: &str| {
                let is_example = example.iter().any(|start| line.trim_start().starts_with(start));
                if is_example { line.replacen("# ", "", 1) } else { line.to_owned() }
            };
            let process = process(&text.lines().map(|line| on(line) + "\n").collect::<String>());
            assert_eq!((process.targets.len(), process.teams.len()), (2, 2));
            let proposal = process.lookup("proposal").and_then(|stage| process.stage(stage)).unwrap();
            assert_eq!(proposal.enter.require, ["value", "close_date"]);
            // Each takes the deals of the seven, every stage where it belongs.
            for stage in &seven.stages {
                assert!(process.lookup(&stage.id).is_some(), "{template:?} has no place for {}", stage.id);
            }
        }
    }
}
