//! What the figures of a report are split by, and the columns that it has to know.

use crate::deal::period::Unit;
use crate::error::{Error, Result};
use crate::grammar::and;
use crate::metrics::group::By;
use crate::metrics::{NEEDS, Report as Definition, Takes};
use crate::problem::nearest;
use crate::query::Query;
use crate::query::sight::Sight;

/// The columns that a report has to know at the as-of day: its own, those of the terms, those of the groups.
pub(super) fn fields(needs: &[&str], sight: &Sight<'_>, query: &Query, by: &[String]) -> Result<Vec<String>> {
    let mut fields: Vec<String> = NEEDS.map(str::to_owned).into();
    let mut add = |name: &str| {
        if !fields.iter().any(|field| field == name) {
            fields.push(name.to_owned());
        }
    };
    for need in needs {
        add(need);
    }
    for column in sight.columns(&query.fields()) {
        add(column);
    }
    let known = || sight.dictionary().fields.iter().map(|field| field.name.as_str()).chain(["size"]);
    for name in by.iter().filter(|name| Unit::named(name).is_none()) {
        if !known().any(|known| known == name) {
            let error = no_such_field(name);
            let near = nearest(name, known().chain(Unit::ALL.map(Unit::name)));
            let otherwise = "split by a column, or by team, stage, size, week, month, quarter or year";
            return Err(error.suggest(near, otherwise));
        }
        if name != "team" && sight.field(name).is_some_and(|field| sight.is_derived(field)) {
            return Err(Error::usage(format!("figures cannot be split by `{name}`: it is worked out"))
                .hint("pick deals by it with terms, and split by a column, team, stage or size"));
        }
        if name != "team" && name != "size" {
            add(name);
        }
    }
    Ok(fields)
}

fn no_such_field(name: &str) -> Error {
    Error::usage(format!("figures cannot be split by `{name}`: there is no such field"))
}

/// What the figures of a report are split by, as typed.
///
/// Errors: more than it can be split by at once; what it cannot be split by (exit 2).
pub(super) fn bys(report: &Definition, by: &[String], fields: &[String]) -> Result<Vec<By>> {
    if by.len() > 2 {
        return Err(Error::usage("figures can be split by two things at the most"));
    }
    let units = by.iter().filter(|name| Unit::named(name).is_some());
    if units.clone().count() > 1 {
        let units: Vec<&str> = units.map(String::as_str).collect();
        return Err(Error::usage(format!("figures cannot be split by {} at once", and(&units)))
            .hint("units of time overlap; name one of them, and a field beside it if you like"));
    }
    if !by.is_empty() && !report.takes(Takes::By) && !report.takes(Takes::ByField) {
        return Err(Error::usage(format!("the {} is not split", report.name))
            .hint("name a report: pipeline report conversion --by owner"));
    }
    let place = |name: &str| fields.iter().position(|field| field == name).ok_or_else(|| no_such_field(name));
    by.iter()
        .map(|name| match (name.as_str(), Unit::named(name)) {
            (_, Some(unit)) if report.takes(Takes::By) => Ok(By::Time(unit)),
            (unit, Some(_)) => Err(Error::usage(format!(
                "{} cannot be split by {unit}: they are about deals that stand in a stage at one instant",
                report.name
            ))
            .hint(format!("ask for each {unit} with --period, or split by a field, team or stage"))),
            ("stage", _) => Ok(By::Stage),
            ("team", _) => Ok(By::Team(place("owner")?)),
            ("size", _) if report.takes(Takes::BySize) => Ok(By::Size(Vec::new())),
            ("size", _) => Err(Error::usage("only `report size` can be split by size")),
            (name, _) => Ok(By::Field(name.to_owned(), place(name)?)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_by_a_column_that_is_not_kept_is_an_error_and_not_another_column() {
        let conversion = Definition::named("conversion").unwrap();
        let kept = ["value".to_owned(), "owner".to_owned()];
        let by = |name: &str| bys(conversion, &[name.to_owned()], &kept);
        assert_eq!(by("owner").unwrap(), [By::Field("owner".to_owned(), 1)]);
        assert_eq!(by("team").unwrap(), [By::Team(1)]);
        assert!(by("source").unwrap_err().to_string().contains("`source`"));
    }
}
