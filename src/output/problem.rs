//! Draws what is wrong for people: a problem with the line it stands in, an error with what to do about it.

use std::fmt::Write;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::escape::{Breaks, escape, is_hostile};
use super::look::{ERROR, HINT, Look, WARNING};
use crate::error::Error;
use crate::grammar::{and, count};
use crate::problem::{Place, Problem, Severity};

/// A problem with its place, the excerpt with a caret, and its help; without a line break at the end.
pub fn draw(problem: &Problem, look: &Look) -> String {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = plain(&problem.message);
    let file = plain(&problem.file);
    let help = problem.help.as_deref().map(plain);
    let mut group = Group::with_title(level.primary_title(message));
    group = match &problem.place {
        Some(place) => group.element(snippet(place, look).path(file)),
        None => group.element(Origin::path(file)),
    };
    if let Some(help) = help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(look.limit().unwrap_or(USUAL_WIDTH)).render(&[group])
}

/// How many problems are drawn; a person mends the first ones and asks again.
pub const MOST_DRAWN: usize = 20;

/// Problems one under the other, and how many there are where there are several. Of too many to look at only the first,
/// errors before warnings.
pub fn draw_all(problems: &[Problem], look: &Look) -> String {
    let mut shown: Vec<&Problem> = problems.iter().collect();
    if problems.len() > MOST_DRAWN {
        shown.sort_by_key(|problem| problem.severity != Severity::Error);
        shown.truncate(MOST_DRAWN);
    }
    let mut drawn: Vec<String> = shown.iter().map(|problem| draw(problem, look)).collect();
    if problems.len() > MOST_DRAWN {
        drawn.push(format!("and {} more", problems.len() - MOST_DRAWN));
    }
    if problems.len() > 1 {
        drawn.push(tally(problems));
    }
    drawn.join("\n\n")
}

/// An error and its hints, a line each; unsound files as their problems.
pub fn draw_error(error: &Error, look: &Look) -> String {
    if let Error::Unsound(problems) = error {
        return draw_all(problems, look);
    }
    let message = match error {
        Error::Terms(flaw) => flaw.render(),
        _ => lines(&error.to_string()),
    };
    let mut drawn = format!("{} {message}", look.paint(ERROR, "error:"));
    for hint in error.hints() {
        // Writing to a String cannot fail.
        let _ = write!(drawn, "\n  {} {}", look.paint(HINT, "hint:"), lines(hint));
    }
    drawn
}

/// Something to look into that failed nothing, on a line.
pub fn draw_warning(text: &str, look: &Look) -> String {
    format!("{} {}", look.paint(WARNING, "warning:"), plain(text))
}

/// `2 errors and 1 warning`.
fn tally(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let parts: Vec<String> = [(errors, "error"), (problems.len() - errors, "warning")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, thing)| count(number as u64, thing))
        .collect();
    and(&parts)
}

/// A text that may quote the files, on one line.
fn plain(text: &str) -> String {
    escape(text, Breaks::Ascii).into_owned()
}

/// A message of ours that may quote the files; its own line breaks stay.
fn lines(text: &str) -> String {
    text.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}

/// Where a long line is cut around the caret when nothing says how much fits.
const USUAL_WIDTH: usize = 100;

/// The line of a place, what is wrong in it underlined.
fn snippet<'a>(place: &Place, look: &Look) -> Snippet<'a, Annotation<'a>> {
    // One character stands for one, so that the column that is shown is the file's.
    let line: String = place.excerpt.chars().map(|c| pictured(c, look)).collect();
    let bytes = |chars: usize| line.char_indices().nth(chars).map_or(line.len(), |(at, _)| at);
    let from = place.column.saturating_sub(1);
    let span = bytes(from)..bytes(from.saturating_add(place.length));
    Snippet::source(line).line_start(place.line).annotation(AnnotationKind::Primary.span(span))
}

/// A character that can be shown in its place.
fn pictured(c: char, look: &Look) -> char {
    match c {
        '\t' => c,
        _ if !is_hostile(c) => c,
        _ if !look.unicode => '?',
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7f' => '\u{2421}',
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: usize, column: usize, length: usize, excerpt: &str) -> Place {
        Place { line, column, length, excerpt: excerpt.into() }
    }

    #[test]
    fn a_problem_shows_its_line_its_caret_and_its_help() {
        let problem = Problem::error(
            "pipeline.yaml",
            Some(place(7, 12, 7, "  - stage: proposl")),
            "no stage `proposl`",
        )
        .help("did you mean `proposal`?");
        let drawn = [
            "error: no stage `proposl`",
            " --> pipeline.yaml:7:12",
            "  |",
            "7 |   - stage: proposl",
            "  |            ^^^^^^^",
            "  |",
            "  = help: did you mean `proposal`?",
        ];
        assert_eq!(draw(&problem, &Look::default()), drawn.join("\n"));
        assert!(draw(&problem, &Look { color: true, ..Look::default() }).contains("\x1b["));
    }

    #[test]
    fn a_problem_of_a_whole_file_shows_the_file() {
        let problem = Problem::error("deals.csv", None, "the file is empty").as_warning();
        assert_eq!(draw(&problem, &Look::default()), "warning: the file is empty\n--> deals.csv");
    }

    #[test]
    fn control_characters_are_pictured_and_columns_stay_true() {
        let problem =
            Problem::error("a\x1b.csv", Some(place(3, 5, 2, "潛\u{9b}\x1b[m客戶")), "bad \u{202e}text");
        let drawn = draw(&problem, &Look::default());
        let expected = [
            "error: bad \\u{202e}text",
            " --> a\\x1b.csv:3:5",
            "  |",
            "3 | 潛\u{fffd}␛[m客戶",
            "  |      ^^^",
        ];
        assert_eq!(drawn, expected.join("\n"));
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let line = format!("{}HERE{}", "a".repeat(4000), "b".repeat(4000));
        let problem = Problem::error("deals.csv", Some(place(12, 4001, 4, &line)), "long");
        let look = Look { terminal: true, width: Some(60), ..Look::default() };
        let drawn = draw(&problem, &look);
        assert!(drawn.contains("deals.csv:12:4001") && drawn.contains("aaHEREbb"), "{drawn}");
        assert!(drawn.lines().all(|line| line.len() <= 60), "{drawn}");
    }

    #[test]
    fn a_caret_may_stand_anywhere() {
        for (column, length, line) in
            [(0, 1, ""), (1, 1, ""), (9, 1, "ab"), (2, usize::MAX, "ab"), (usize::MAX, 1, "ab")]
        {
            let problem = Problem::error("deals.csv", Some(place(1, column, length, line)), "missing");
            assert!(draw(&problem, &Look::default()).contains('^'), "{column} in {line:?}");
        }
    }

    #[test]
    fn several_problems_are_counted() {
        let problem = Problem::error("deals.csv", None, "bad");
        let all = [problem.clone(), problem.clone().as_warning(), problem];
        let drawn = draw_error(&Error::from(all.to_vec()), &Look::default());
        assert!(drawn.ends_with("bad\n--> deals.csv\n\n2 errors and 1 warning"), "{drawn}");
    }

    #[test]
    fn of_many_problems_the_first_are_drawn_and_errors_before_warnings() {
        let warning = Problem::error("deals.csv", None, "odd").as_warning();
        let mut all = vec![warning; MOST_DRAWN + 4];
        all.push(Problem::error("deals.csv", None, "bad"));
        let drawn = draw_all(&all, &Look::default());
        assert!(drawn.starts_with("error: bad\n"), "{drawn}");
        assert!(drawn.ends_with("odd\n--> deals.csv\n\nand 5 more\n\n1 error and 24 warnings"), "{drawn}");
        assert_eq!(drawn.matches("--> deals.csv").count(), MOST_DRAWN);
    }

    #[test]
    fn an_error_has_its_hints_under_it() {
        let mut error =
            Error::refused("deal-1 cannot enter proposal").hint("it needs a value: --set value=12000");
        assert_eq!(
            draw_error(&error, &Look::default()),
            "error: deal-1 cannot enter proposal\n  hint: it needs a value: --set value=12000"
        );
        error = Error::not_found("no deal `\x1b[2J`");
        assert_eq!(draw_error(&error, &Look::default()), "error: no deal `\\x1b[2J`");
    }
}
