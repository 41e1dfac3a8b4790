//! What the machine can do: the figures of `benches/compare` with nothing checked, on two threads.
//!
//! `floor hash DIR` joins ids by a hash of their bytes, `floor array DIR` takes `deal-42` as the index 42, `floor deals
//! DIR` has only the figures of deals.csv, and `floor csv DIR` only reads both files with the `csv` crate. They know the
//! columns that `init` writes and the stages of its process, and expect rows in order. Each prints `name<tab>value`.

mod cells;
mod deals;
mod figures;
mod history;

use std::path::Path;

use cells::halves;
use deals::{Deals, Outcome};
use history::Way;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (way, folder) = (arguments.next().unwrap(), arguments.next().unwrap());
    let read = |name: &str| std::fs::read(Path::new(&folder).join(name)).unwrap();
    if way == "csv" {
        println!("cells\t{}", cells_of(&read("deals.csv")) + cells_of(&read("history.csv")));
        return;
    }
    let text = read("deals.csv");
    let deals = Deals::read(&text, way == "hash");
    let (won, lost) = (deals.count(Outcome::Won), deals.count(Outcome::Lost));
    let open = deals.count(Outcome::Open);
    let win_rate = won as f64 / (won + lost) as f64;
    let mean_value = deals.won_value as f64 / 100.0 / deals.won_with_value as f64;
    let mean_cycle = figures::mean_days(&deals.cycles);
    println!("won\t{won}\nlost\t{lost}\nopen\t{open}\nwin_rate\t{win_rate}\nmean_value\t{mean_value}");
    println!("mean_cycle\t{mean_cycle}\nmedian_cycle\t{}", figures::median_days(deals.cycles.clone()));
    println!("velocity\t{}", open as f64 * win_rate * mean_value / mean_cycle);
    if way == "deals" {
        return;
    }
    let text = read("history.csv");
    let way = if way == "hash" { Way::hash(&deals) } else { Way::Array };
    let [first, second] = halves(&text);
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| history::read(first, &way, deals.outcomes.len()));
        let other = history::read(second, &way, deals.outcomes.len());
        (one.join().unwrap(), other)
    });
    figures::of_stages(&deals, one, &other);
}

fn cells_of(text: &[u8]) -> usize {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    let (mut row, mut cells) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut row).unwrap() {
        cells += row.len();
    }
    cells
}
