//! How long deals have been in their stage, in bands of days (metrics, "Where the page leaves room": *Ages*).

use super::figures::{Cell, Column, Kind};

/// The bands: the key of each, and the day that it ends with. The last has no end.
const BANDS: [(&str, f64); 6] = [
    ("day_1_to_7", 7.0),
    ("day_8_to_14", 14.0),
    ("day_15_to_30", 30.0),
    ("day_31_to_60", 60.0),
    ("day_61_to_90", 90.0),
    ("day_91_on", f64::INFINITY),
];

/// The keys of the bands.
pub const KEYS: &[&str] = &[BANDS[0].0, BANDS[1].0, BANDS[2].0, BANDS[3].0, BANDS[4].0, BANDS[5].0];

/// How many deals are in each band, and how many have no age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    bands: [u64; BANDS.len()],
    none: u64,
}

impl Ages {
    /// Counts a deal that has been in its stage for so many days; none for one of unknown creation.
    pub fn add(&mut self, days: Option<f64>) {
        let band = days.and_then(|days| BANDS.iter().position(|(_, end)| days <= *end));
        *band.map_or(&mut self.none, |band| &mut self.bands[band]) += 1;
    }

    /// The same with those of other stages.
    #[must_use]
    pub fn with(mut self, other: &Ages) -> Ages {
        self.bands.iter_mut().zip(other.bands).for_each(|(here, there)| *here += there);
        self.none += other.none;
        self
    }

    /// A cell for each of [`columns`].
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        self.bands.iter().chain([&self.none]).map(|deals| Cell::Count(*deals))
    }
}

/// A column a band, and one for the deals without an age.
pub fn columns() -> impl Iterator<Item = Column> {
    KEYS.iter().chain(&["no_age"]).map(|key| Column::new(*key, Kind::Count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_ends_with_its_last_day() {
        let mut ages = Ages::default();
        for days in [Some(-1.0), Some(7.0), Some(7.01), Some(30.0), Some(90.5), None] {
            ages.add(days);
        }
        assert_eq!(ages, Ages { bands: [2, 1, 1, 0, 0, 1], none: 1 });
        assert_eq!(ages.with(&ages), Ages { bands: [4, 2, 2, 0, 0, 2], none: 2 });
        assert_eq!(ages.cells().count(), columns().count());
    }
}
