//! deals.csv, on two threads.

use crate::cells::{amount, cell, halves, instant, next_row, place};

/// How a deal stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Open,
    Won,
    Lost,
    Disqualified,
}

/// What the figures need of all deals.
#[derive(Default)]
pub struct Deals<'a> {
    /// In the order of the file.
    pub outcomes: Vec<Outcome>,
    /// The same, where they are asked for.
    pub ids: Vec<&'a [u8]>,
    /// Hundredths.
    pub won_value: i64,
    pub won_with_value: usize,
    /// Milliseconds from created to won.
    pub cycles: Vec<i64>,
}

impl<'a> Deals<'a> {
    pub fn read(text: &'a [u8], ids: bool) -> Deals<'a> {
        let [first, second] = halves(text);
        std::thread::scope(|scope| {
            let one = scope.spawn(|| half(first, ids));
            let mut other = half(second, ids);
            let mut one = one.join().unwrap();
            one.outcomes.append(&mut other.outcomes);
            one.ids.append(&mut other.ids);
            one.cycles.append(&mut other.cycles);
            one.won_value += other.won_value;
            one.won_with_value += other.won_with_value;
            one
        })
    }

    pub fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.iter().filter(|other| **other == outcome).count()
    }
}

fn half(mut rest: &[u8], ids: bool) -> Deals<'_> {
    let mut deals = Deals::default();
    while !rest.is_empty() {
        // id,name,account,contact,owner,source,stage,stage_since,value,currency,probability,created,close_date,closed
        let mut cells: [&[u8]; 14] = [b""; 14];
        for found in &mut cells {
            (*found, rest) = cell(rest);
        }
        rest = next_row(rest);
        if ids {
            deals.ids.push(cells[0]);
        }
        let outcome = match place(cells[6]) {
            7 => Outcome::Won,
            8 => Outcome::Lost,
            9 => Outcome::Disqualified,
            _ => Outcome::Open,
        };
        deals.outcomes.push(outcome);
        if outcome == Outcome::Won {
            if !cells[8].is_empty() {
                deals.won_value += amount(cells[8]);
                deals.won_with_value += 1;
            }
            deals.cycles.push(instant(cells[13]) - instant(cells[11]));
        }
    }
    deals
}
