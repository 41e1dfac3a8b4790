//! JSON: one document with everything a program may want to know, or one object a row. Keys are a contract.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::groups::group_keys;
pub(super) use super::json_cell::Amounts;
use super::json_cell::Valued;
use super::json_shield::Shield;
use super::look::Look;
use crate::metrics::figures::{Figures, Note, Row, Scope, Section, Shape};
use crate::process::Lang;

/// Writes a report as an object, a listing as its table or, when it has several, an object of them.
pub(super) fn write(
    figures: &Figures,
    sections: &[&Section],
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = Shield::new(out);
    match (&figures.scope, sections) {
        (Some(scope), _) => {
            serde_json::to_writer_pretty(&mut out, &Report { figures, scope, sections, look })
        }
        (None, [only]) => serde_json::to_writer_pretty(&mut out, &Listing(Frame::of_listing(only, look))),
        (None, _) => serde_json::to_writer_pretty(&mut out, &Listings { sections, look }),
    }?;
    out.write_all(b"\n")
}

/// Writes a section as one compact object a row; beside groups, the row over all has `null` for its group.
pub(super) fn write_lines(
    section: &Section,
    amounts: Amounts,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = Shield::new(out);
    let frame = Frame { section, groups: Groups::Always, amounts, look };
    for row in &section.rows {
        serde_json::to_writer(&mut out, &Object { frame, row })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Whether a row over all deals names the groups that it has none of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Groups {
    /// As `null`.
    Always,
    /// Not at all.
    WhereKnown,
}

/// What the rows of a section have in common.
#[derive(Clone, Copy)]
struct Frame<'a> {
    section: &'a Section,
    groups: Groups,
    amounts: Amounts,
    look: &'a Look,
}

impl<'a> Frame<'a> {
    fn of_report(section: &'a Section, look: &'a Look) -> Frame<'a> {
        Frame { section, groups: Groups::WhereKnown, amounts: Amounts::WithCurrency, look }
    }

    fn of_listing(section: &'a Section, look: &'a Look) -> Frame<'a> {
        Frame { section, groups: Groups::Always, amounts: Amounts::Alone, look }
    }

    fn object(self, row: &'a Row) -> Object<'a> {
        Object { frame: self, row }
    }
}

struct Report<'a> {
    figures: &'a Figures,
    scope: &'a Scope,
    sections: &'a [&'a Section],
    look: &'a Look,
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scope = self.scope;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("report", self.figures.name)?;
        map.serialize_entry("period", &Period(scope))?;
        map.serialize_entry("as_of", &scope.as_of.to_string())?;
        map.serialize_entry("as_of_day", &scope.as_of_day.to_string())?;
        map.serialize_entry("currency", scope.currency.code())?;
        if let Some(before) = &scope.before {
            map.serialize_entry("before", &Before(before))?;
        }
        for section in self.sections {
            map.serialize_entry(section.key, &Grouped(Frame::of_report(section, self.look)))?;
        }
        let notes: Vec<Noted> = self.figures.notes.iter().map(Noted).collect();
        map.serialize_entry("notes", &notes)?;
        map.end()
    }
}

struct Period<'a>(&'a Scope);

impl Serialize for Period<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Scope { period, first, last, .. } = self.0;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", period)?;
        map.serialize_entry("first", &first.to_string())?;
        map.serialize_entry("last", &last.to_string())?;
        map.end()
    }
}

/// The other period that figures stand beside, and how it was seen.
struct Before<'a>(&'a Scope);

impl Serialize for Before<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("period", &Period(self.0))?;
        map.serialize_entry("as_of", &self.0.as_of.to_string())?;
        map.serialize_entry("as_of_day", &self.0.as_of_day.to_string())?;
        map.end()
    }
}

struct Noted<'a>(&'a Note);

impl Serialize for Noted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Note { code, text, deals } = self.0;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("code", code)?;
        map.serialize_entry("text", text.text(Lang::En))?;
        map.serialize_entry("deals", deals)?;
        map.end()
    }
}

/// A section of a report: what is over all, and what is by group.
struct Grouped<'a>(Frame<'a>);

impl<'a> Serialize for Grouped<'a> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (total, groups): (Vec<&'a Row>, Vec<&'a Row>) =
            self.0.section.rows.iter().partition(|row| row.group.is_empty());
        let objects =
            |rows: Vec<&'a Row>| -> Vec<Object> { rows.into_iter().map(|row| self.0.object(row)).collect() };
        let (total, groups) = (objects(total), objects(groups));
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("by", &self.0.section.by)?;
        match self.0.section.shape {
            Shape::Record => map.serialize_entry("total", &total.first())?,
            Shape::List | Shape::Top(_) | Shape::Pages => map.serialize_entry("total", &total)?,
        }
        map.serialize_entry("groups", &groups)?;
        map.end()
    }
}

/// A section of a listing.
struct Listing<'a>(Frame<'a>);

impl Serialize for Listing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let section = self.0.section;
        let mut objects = section.rows.iter().map(|row| self.0.object(row));
        match section.shape {
            Shape::Record if section.by.is_empty() => objects.next().serialize(serializer),
            _ => serializer.collect_seq(objects),
        }
    }
}

struct Listings<'a> {
    sections: &'a [&'a Section],
    look: &'a Look,
}

impl Serialize for Listings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.sections.len()))?;
        for section in self.sections {
            map.serialize_entry(section.key, &Listing(Frame::of_listing(section, self.look)))?;
        }
        map.end()
    }
}

/// A row: its groups, then its cells.
struct Object<'a> {
    frame: Frame<'a>,
    row: &'a Row,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Frame { section, groups, amounts, look } = self.frame;
        let mut map = serializer.serialize_map(None)?;
        if groups == Groups::Always || !self.row.group.is_empty() {
            for (level, key) in group_keys(section).iter().enumerate() {
                map.serialize_entry(key, &self.row.group.get(level))?;
            }
        }
        for (column, cell) in section.columns.iter().zip(&self.row.cells) {
            map.serialize_entry(&column.key, &Valued { cell, kind: column.kind, amounts, look })?;
        }
        map.end()
    }
}
