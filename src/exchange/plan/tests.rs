use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::process;

const PROCESS: &str = "stages: [{id: needs}, {id: proposal}, {id: closing}, {id: won, outcome: won}, {id: lost, outcome: lost}]\n";

fn day(number: u8) -> Instant {
    Instant::parse(&format!("2026-03-{:02}T09:00:00Z", 1 + number % 28)).unwrap()
}

/// What the files say after a plan was carried out: the cells of the deal, and its rows of history.
#[derive(Clone, Default)]
struct Folder {
    cells: BTreeMap<String, String>,
    events: Vec<Event<'static>>,
}

impl Folder {
    fn carry_out(&mut self, process: &Process, planned: &Planned) {
        self.cells.insert("id".to_owned(), planned.id.clone());
        self.cells.extend(planned.arrival.iter().flatten().cloned());
        for event in &planned.events {
            match &event.what {
                What::Stage { from, to, .. } => {
                    let at = event.at.to_string();
                    if from.is_empty() {
                        self.cells.insert("created".to_owned(), at.clone());
                    }
                    let open = process.lookup(to).is_some_and(|stage| process.is_open(stage));
                    let closed = if open { String::new() } else { at.clone() };
                    self.cells.extend([
                        ("stage".to_owned(), to.to_string()),
                        ("stage_since".to_owned(), at),
                        ("closed".to_owned(), closed),
                    ]);
                }
                What::Set { field, to, .. } => {
                    self.cells.insert(field.to_string(), to.to_string());
                }
                What::Touch(_) | What::Void { .. } => {}
            }
        }
        self.cells.extend(planned.settled.iter().cloned());
        self.events.extend(planned.events.iter().cloned());
    }

    fn meet(&self, planner: &Planner<'_>, deal: &Incoming) -> Planned {
        let columns: Vec<String> = self.cells.keys().cloned().collect();
        let cells = self.cells.values().map(|cell| Cow::Owned(cell.clone())).collect();
        planner.meet(&Here { record: Record::new(&columns, cells), events: self.events.clone() }, deal)
    }
}

fn steps(process: &Process) -> impl Strategy<Value = Vec<Step>> + use<> {
    let stages: Vec<StageIndex> =
        process.stages.iter().filter_map(|stage| process.lookup(&stage.id)).collect();
    let stage = prop::sample::select(stages);
    let turn = prop_oneof![
        4 => (prop::option::of(stage.clone()), stage.clone()).prop_map(|(from, to)| Happening::Stage { from, to }),
        1 => (stage.clone(), stage).prop_map(|(from, to)| Happening::Ended { from, to }),
        1 => Just(Happening::Reopened),
        3 => (prop::option::of("[0-9]{1,2}"), "[0-9]{1,2}")
            .prop_map(|(from, to)| Happening::Field { field: "value".to_owned(), from, to }),
    ];
    let step = (any::<u8>(), turn).prop_map(|(at, what)| Step { at: day(at), by: String::new(), what });
    prop::collection::vec(step, 0..7)
}

fn deal(process: &Process) -> impl Strategy<Value = Incoming> + use<> {
    let stages: Vec<StageIndex> =
        process.stages.iter().filter_map(|stage| process.lookup(&stage.id)).collect();
    let days = || prop::option::of(any::<u8>().prop_map(|number| Moment::At(day(number))));
    (prop::sample::select(stages), "[0-9]{0,2}", days(), days(), days(), steps(process)).prop_map(
        |(stage, value, created, since, modified, steps)| Incoming {
            source_id: "x".to_owned(),
            stage,
            cells: vec![("name".to_owned(), "Buoys".to_owned()), ("value".to_owned(), value)],
            created,
            since,
            modified: modified.map(|at| at.start(crate::deal::time::Zone::default())),
            deleted: false,
            steps,
        },
    )
}

proptest! {
    #[test]
    fn an_export_is_in_the_folder_after_it_and_changes_nothing_the_second_time(
        first in deal(&process::read("p", PROCESS).unwrap()),
        later in deal(&process::read("p", PROCESS).unwrap()),
    ) {
        let process = process::read("p", PROCESS).unwrap();
        let planner = Planner { process: &process, now: Instant::parse("2026-07-15T12:00:00Z").unwrap(), by: "ana" };
        let mut folder = Folder::default();
        folder.carry_out(&process, &planner.arrive("deal-1", &first));
        prop_assert_eq!(&folder.cells["stage"], process.stage_id(first.stage));
        let again = folder.meet(&planner, &first);
        prop_assert_eq!(again.fate, Fate::Unchanged, "{:?}", again);
        // A newer export has all that the older one had, and more.
        let mut newer = later;
        newer.steps = first.steps.iter().chain(&newer.steps).cloned().collect();
        newer.created = first.created;
        folder.carry_out(&process, &folder.clone().meet(&planner, &newer));
        prop_assert_eq!(&folder.cells["stage"], process.stage_id(newer.stage));
        let again = folder.meet(&planner, &newer);
        prop_assert_eq!(again.fate, Fate::Unchanged, "{:?}", again);
    }
}
