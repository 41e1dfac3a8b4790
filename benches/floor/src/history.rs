//! The moves of history.csv.

use std::hash::{BuildHasher, BuildHasherDefault};

use rustc_hash::{FxHashMap, FxHasher};

use crate::cells::{STAGES, cell, instant, next_row, place};
use crate::deals::Deals;

/// How the id of a row leads to its deal.
pub enum Way<'a> {
    /// By a hash of its bytes: ids of even hashes, and of odd ones.
    Hash([FxHashMap<&'a [u8], u32>; 2]),
    /// `deal-42` is the 42nd.
    Array,
}

/// What a part of the file knows of a deal's way.
#[derive(Clone, Copy)]
pub struct Path {
    first_at: i64,
    last_at: i64,
    first: u8,
    last: u8,
    /// The furthest open stage, counted from 1.
    pub furthest: u8,
}

/// A part of the file: each deal's way, and the stays that ended in it, in milliseconds.
pub struct Part {
    pub paths: Vec<Path>,
    pub stays: [Vec<i64>; STAGES.len()],
}

fn half_of(id: &[u8]) -> usize {
    // The low bits choose the place in the map.
    (BuildHasherDefault::<FxHasher>::default().hash_one(id) >> 40 & 1) as usize
}

impl<'a> Way<'a> {
    pub fn hash(deals: &Deals<'a>) -> Way<'a> {
        let half = |half: usize| {
            let mut map = FxHashMap::default();
            map.reserve(deals.ids.len() * 11 / 20);
            let ids = deals.ids.iter().zip(0..).filter(|(id, _)| half_of(id) == half);
            map.extend(ids.map(|(id, place)| (*id, place)));
            map
        };
        std::thread::scope(|scope| {
            let one = scope.spawn(|| half(0));
            let other = half(1);
            Way::Hash([one.join().unwrap(), other])
        })
    }

    fn deal(&self, id: &[u8]) -> usize {
        match self {
            Way::Hash(maps) => maps[half_of(id)][id] as usize,
            Way::Array => id[5..].iter().fold(0, |n, digit| n * 10 + usize::from(digit - b'0')) - 1,
        }
    }
}

impl Part {
    /// The stay that began in this part, where the next move is in another.
    pub fn then(&mut self, deal: usize, other: &Part) {
        let next = other.paths[deal];
        let path = &mut self.paths[deal];
        path.furthest = path.furthest.max(next.furthest);
        if path.last < STAGES.len() as u8 && next.first != NEVER {
            self.stays[path.last as usize].push(next.first_at - path.last_at);
        }
    }
}

/// The stage of a deal that has not moved.
const NEVER: u8 = u8::MAX;

pub fn read(mut rest: &[u8], way: &Way<'_>, deals: usize) -> Part {
    let path = Path { first_at: 0, last_at: 0, first: NEVER, last: NEVER, furthest: 0 };
    let mut part = Part { paths: vec![path; deals], stays: Default::default() };
    while !rest.is_empty() {
        let (at, after) = rest.split_at(24);
        // at,deal,event,field,from,to
        let (id, after) = cell(&after[1..]);
        if !after.starts_with(b"stage,") {
            rest = next_row(after);
            continue;
        }
        let (_, after) = cell(&after[6..]);
        let (_, after) = cell(after);
        let (to, after) = cell(after);
        rest = next_row(after);
        let (at, to, deal) = (instant(at), place(to), way.deal(id));
        let path = &mut part.paths[deal];
        if path.first == NEVER {
            (path.first, path.first_at) = (to, at);
        } else if path.last < STAGES.len() as u8 {
            part.stays[path.last as usize].push(at - path.last_at);
        }
        (path.last, path.last_at) = (to, at);
        if to < STAGES.len() as u8 {
            path.furthest = path.furthest.max(to + 1);
        }
    }
    part
}
