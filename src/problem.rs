//! What is wrong in a file: where it stands, what it is, and what to do about it. Plain data; `output` draws it.

use std::fmt;

/// Whether a problem makes the files unsound or is only worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The files cannot be trusted until it is mended; reports refuse them.
    Error,
    /// The files can be used as they are.
    Warning,
}

/// A place in a text file, counted as editors count: both from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// How many characters the caret underlines, at least 1.
    pub length: usize,
    /// The whole text of that line, for the excerpt.
    pub excerpt: Box<str>,
}

impl Place {
    /// The place of the bytes `start..end` of `text`; an `end` on a later line is cut at the end of the first.
    pub fn in_text(text: &str, start: usize, end: usize) -> Place {
        let start = floor_boundary(text, start.min(text.len()));
        Place::on_line(text, start, end, text[..start].matches('\n').count() + 1)
    }

    /// The same, where it is known already which line `start` is on: counting them costs the whole text before it.
    pub fn on_line(text: &str, start: usize, end: usize, line: usize) -> Place {
        let start = floor_boundary(text, start.min(text.len()));
        let end = floor_boundary(text, end.clamp(start, text.len()));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let lead = text[line_start..start].trim_start_matches('\u{feff}');
        let length = text[start..end.min(line_end)].chars().count().max(1);
        let excerpt = text[line_start..line_end].trim_start_matches('\u{feff}').trim_end_matches('\r');
        Place { line, column: lead.chars().count() + 1, length, excerpt: excerpt.into() }
    }
}

/// The start of the character that the byte `at` belongs to.
pub(crate) fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as a path from the folder.
    pub file: String,
    /// Where in the file, when the problem has a place.
    pub place: Option<Place>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// An error in `file` at `place`.
    pub fn error(file: impl Into<String>, place: Option<Place>, message: impl Into<String>) -> Problem {
        Problem { severity: Severity::Error, file: file.into(), place, message: message.into(), help: None }
    }

    /// The same problem as a warning.
    #[must_use]
    pub fn as_warning(self) -> Problem {
        Problem { severity: Severity::Warning, ..self }
    }

    /// The same problem with what to do about it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Problem {
        Problem { help: Some(help.into()), ..self }
    }

    /// The same problem with what to do about it, where that is known.
    #[must_use]
    pub fn help_if(self, help: Option<String>) -> Problem {
        Problem { help: help.or(self.help), ..self }
    }

    /// The same problem with "did you mean" when one of `known` is near to `wrong`, else with what is known.
    #[must_use]
    pub fn suggest<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Problem {
        let near = nearest(wrong, known.clone());
        let known: Vec<&str> = known.into_iter().collect();
        if known.is_empty() {
            self
        } else {
            self.help(meant(near, format!("known here: {}", known.join(", "))))
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(place) = &self.place {
            write!(f, ":{}:{}", place.line, place.column)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The question whether something near was meant, or else what to say instead.
pub fn meant(near: Option<&str>, otherwise: impl Into<String>) -> String {
    near.map_or_else(|| otherwise.into(), |near| format!("did you mean `{near}`?"))
}

/// The id that `wrong` is one slip of the finger away from.
///
/// Ids differ by a digit or two, so that nearly every one would be like every other; two that are equally near say
/// nothing either.
pub fn nearest_id<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let mut near = known.into_iter().filter(|id| strsim::osa_distance(&wrong, &id.to_lowercase()) <= 1);
    let first = near.next()?;
    near.next().is_none().then_some(first)
}

/// The candidate nearest to `wrong`, when it is near enough to be what was meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro(&wrong, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// How the lines begin that a merge leaves in a file: around the two sides of a conflict, and between them.
pub const CONFLICT_MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// What is wrong with such a line.
pub const IN_CONFLICT: &str = "this line marks a conflict that git left when it merged";

/// Whether a line begins with one of [`CONFLICT_MARKS`].
pub fn marks_conflict(line: &str) -> bool {
    CONFLICT_MARKS.iter().any(|mark| line.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_from_one() {
        let text = "\u{feff}id,name\ndeal-1,潛在,x\r\n";
        let start = text.find('x').unwrap();
        let place = Place::in_text(text, start, start + 1);
        assert_eq!((place.line, place.column, place.length), (2, 11, 1));
        assert_eq!(&*place.excerpt, "deal-1,潛在,x");
    }

    #[test]
    fn a_place_past_the_end_or_inside_a_character_is_still_a_place() {
        let place = Place::in_text("潛", 1, 900);
        assert_eq!((place.line, place.column), (1, 1));
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        assert_eq!(nearest("proposl", ["proposal", "closing"]), Some("proposal"));
        assert_eq!(nearest("zzz", ["proposal", "closing"]), None);
    }

    #[test]
    fn what_else_there_is_to_say_is_said_where_nothing_is_near() {
        assert_eq!(meant(Some("proposal"), "stages are needs, proposal"), "did you mean `proposal`?");
        assert_eq!(meant(None, "stages are needs, proposal"), "stages are needs, proposal");
        let problem = Problem::error("f", None, "m").help("h");
        assert_eq!(problem.clone().help_if(None), problem);
        assert_eq!(problem.help_if(Some("i".to_owned())).help.as_deref(), Some("i"));
    }

    #[test]
    fn only_one_id_a_slip_away_is_suggested() {
        assert_eq!(nearest_id("Deal-42", ["deal-42", "deal-9"]), Some("deal-42"));
        assert_eq!(nearest_id("dael-42", ["deal-42", "deal-9"]), Some("deal-42"));
        assert_eq!(nearest_id("deal-43", ["deal-41", "deal-42"]), None);
        assert_eq!(nearest_id("deal-99", ["deal-6"]), None);
    }
}
