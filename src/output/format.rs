//! The formats that every listing and every report can be had in.

use std::path::Path;

use clap::ValueEnum;

/// A format of standard output or of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: columns that line up, fitted to the terminal.
    Table,
    /// For spreadsheets: comma-separated, safe from formula injection.
    Csv,
    /// For scripts: tab-separated, every text exactly as it is but for `\t`, `\n`, `\r` and `\\`.
    Tsv,
    /// For programs: one document, with the period, the intervals and the notes.
    Json,
    /// For programs that read line by line: one object a row.
    #[value(alias = "ndjson")]
    Jsonl,
    /// For wikis and pull requests.
    #[value(alias = "md")]
    Markdown,
    /// For browsers, mail and paper: one page with the charts and the tables.
    Html,
    /// For calendars: iCalendar, of an agenda alone.
    Ics,
}

impl Format {
    /// Whether it is rows one after the other, so that a part of a table can be written before the rest is known.
    pub fn is_rows(self) -> bool {
        matches!(self, Format::Csv | Format::Tsv | Format::Jsonl)
    }

    /// The format that a file's ending names, without regard to case.
    pub fn of_extension(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "txt" => Some(Format::Table),
            "csv" => Some(Format::Csv),
            "tsv" => Some(Format::Tsv),
            "json" => Some(Format::Json),
            "jsonl" | "ndjson" => Some(Format::Jsonl),
            "md" | "markdown" => Some(Format::Markdown),
            "html" | "htm" => Some(Format::Html),
            "ics" => Some(Format::Ics),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_names_a_format() {
        let of = |name| Format::of_extension(Path::new(name));
        assert_eq!(of("a/report.JSON"), Some(Format::Json));
        assert_eq!(of("deals.ndjson"), Some(Format::Jsonl));
        assert_eq!(of("2026.q4.md"), Some(Format::Markdown));
        assert_eq!(Format::from_str("md", false), Ok(Format::Markdown));
        assert_eq!(of("ana.ics"), Some(Format::Ics));
        assert_eq!(of("report.txt"), Some(Format::Table));
        assert_eq!(of("report"), None);
        assert_eq!(of("report.pdf"), None);
    }

    #[test]
    fn the_command_line_names_each_in_lower_case() {
        let names: Vec<String> = Format::value_variants()
            .iter()
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        assert_eq!(names, ["table", "csv", "tsv", "json", "jsonl", "markdown", "html", "ics"]);
    }
}
