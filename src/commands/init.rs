//! `pipeline init`: a new folder.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::context::Context;
use crate::deal::event::HEADER;
use crate::deal::money::Currency;
use crate::deal::sample::Sample;
use crate::deal::time::Zone;
use crate::error::{Error, Result};
use crate::folder::{PROCESS_FILE, make};
use crate::process::{self, COLUMNS, Lang, Process, Template};
use crate::yaml;

/// How far back the history of made-up deals goes, in years.
const SAMPLE_YEARS: u32 = 2;

/// Make a new folder; nothing that is there is overwritten
///
/// Writes pipeline.yaml (a process to begin with; it is yours to change), an empty deals.csv and history.csv, and
/// .gitattributes, so that git merges them well. Names and guidance of the stages are in English and in Traditional
/// Chinese; --lang says which are shown. The time zone is that of TZ, or of this machine.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline init acme
  pipeline init acme --sample
  pipeline init big --sample --deals 100000 --seed 7 --today 2026-11-20
  pipeline init renewals --template four
  pipeline init 業務 --lang zh-TW --currency TWD
  pipeline init --name \"Acme renewals\" --currency EUR")]
pub(super) struct Init {
    /// The folder to make [default: this one]
    // Not `folder`, which is the id of the global -C and would take its place.
    #[arg(value_name = "DIR")]
    place: Option<PathBuf>,
    /// The stages to begin with
    #[arg(long, value_name = "NAME", default_value = "seven")]
    template: Template,
    /// What people call this pipeline [default: the folder's name]
    #[arg(long)]
    name: Option<String>,
    /// The reporting currency, as ISO 4217 has it
    #[arg(long, value_name = "CODE", default_value = "USD")]
    currency: String,
    /// Also write made-up deals with two years of history
    ///
    /// About five events a deal: stages skipped and gone back to, close dates put off, notes. The same number, seed and
    /// day make the same bytes.
    #[arg(long)]
    sample: bool,
    /// How many made-up deals
    #[arg(long, value_name = "N", default_value_t = 200, requires = "sample")]
    deals: usize,
    /// Other made-up deals for another number
    #[arg(long, value_name = "N", default_value_t = 1, requires = "sample")]
    seed: u64,
}

impl ValueEnum for Template {
    fn value_variants<'a>() -> &'a [Template] {
        &Template::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, stages) = match self {
            Template::Seven => {
                ("seven", "Prospecting, qualification, contact, needs, proposal, negotiation, closing")
            }
            Template::Six => ("six", "Prospecting, qualification, needs, proposal, negotiation, closing"),
            Template::Five => ("five", "Prospecting, qualification, contact, proposal, closing"),
            Template::Four => ("four", "Lead, qualification, proposal, closing"),
        };
        Some(PossibleValue::new(name).help(stages))
    }
}

impl Init {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let root = match &self.place {
            Some(place) => place.clone(),
            None => context.named_folder()?.to_path_buf(),
        };
        let currency = self.currency.to_ascii_uppercase();
        if Currency::named(&currency).is_none() {
            return Err(Error::usage(format!("`{}` is no currency", self.currency))
                .hint("name it by its ISO 4217 code, such as USD or EUR"));
        }
        let text = self.process_text(&root, context.lang_asked())?;
        let process = process::read(PROCESS_FILE, &text)?;
        let sample = self.sample(&process, context)?;
        let declared = process.fields.iter().map(|field| field.id.as_str());
        let header: Vec<&str> = COLUMNS.into_iter().chain(declared).collect();
        make::create(&root, &text, |deals, history| {
            deals.push(&format!("{}\n", header.join(",")))?;
            history.push(&format!("{HEADER}\n"))?;
            for piece in sample.iter().flat_map(|sample| sample.pieces(&process)) {
                deals.push(&piece.deals)?;
                history.push(&piece.history)?;
            }
            Ok(())
        })?;
        context
            .note(&format!("made a pipeline in {}; `pipeline add NAME` adds a deal to it", root.display()));
        Ok(())
    }

    /// The template, with the name, the currency, the time zone and the language of this pipeline.
    fn process_text(&self, root: &std::path::Path, lang: Option<Lang>) -> Result<String> {
        let folder = root.canonicalize().ok().or_else(|| std::path::absolute(root).ok());
        let folder = folder
            .as_deref()
            .and_then(std::path::Path::file_name)
            .map(|name| name.to_string_lossy().into_owned());
        let given = [
            ("name", self.name.clone().or(folder)),
            ("currency", Some(self.currency.to_ascii_uppercase())),
            ("timezone", zone()),
            ("lang", lang.map(|lang| lang.tag().to_owned())),
        ];
        let given: Vec<(&str, &str)> =
            given.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?))).collect();
        Ok(yaml::set(PROCESS_FILE, &self.template.text(), &given)?)
    }

    /// The deals to make up, if any were asked for.
    fn sample(&self, process: &Process, context: &Context) -> Result<Option<Sample>> {
        if !self.sample {
            return Ok(None);
        }
        let until = context.clock(process.zone)?.now;
        Ok(Some(Sample { deals: self.deals, seed: self.seed, until, years: SAMPLE_YEARS }))
    }
}

/// The time zone that TZ names, else that of this machine; `None` where neither is known by a name.
pub(super) fn zone() -> Option<String> {
    let named = |name: &String| Zone::named(name).is_some();
    let told = std::env::var("TZ").ok().map(|name| name.trim_start_matches(':').to_owned()).filter(named);
    told.or_else(|| iana_time_zone::get_timezone().ok().filter(named))
}
