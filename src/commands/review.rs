//! `pipeline review`: what is amiss with the deals, and the commands that mend it.

use clap::Args;

use super::context::Context;
use super::options::{Reading, so_many};
use super::terms::{Asked, ground, misstated, no_rate};
use crate::error::{Error, Result};
use crate::folder::{Folder, Need};
use crate::grammar::count;
use crate::metrics::figures::Figures;
use crate::metrics::review::{Review as Found, Rules, review, rules};
use crate::output::render_review;
use crate::problem::nearest;
use crate::process::{Outcome, Process};

/// What only history tells, and a review may ask for.
const TOLD: [&str; 3] = ["pushes", "stalls", "touches"];

/// Go through the deals: what is amiss with each, and the command that mends it
///
/// Open deals that lack what their stage asks for, were forced into it, are stalled, past their close date, without a
/// next step or a value; and what the rules under `review` in pipeline.yaml find, such as candidates to disqualify.
/// The deals with the most at stake come first. In a command, … stands for what only you know.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pipeline review
  pipeline review owner=ana --limit 5
  pipeline review --rule stalled,no-next-step -f tsv -q | cut -f 10
  pipeline review stage=closing --fail")]
pub(super) struct Review {
    /// Which deals
    terms: Vec<String>,
    /// Only what these look for: gate-not-met, forced-move, stalled, past-close-date, no-next-step, no-value, or rules
    /// of pipeline.yaml
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    rule: Vec<String>,
    /// Show no more than so many deals
    #[arg(long, value_name = "N", value_parser = so_many)]
    limit: Option<usize>,
    /// Exit with 1 where something is amiss
    #[arg(long)]
    fail: bool,
    #[command(flatten)]
    reading: Reading,
}

impl Review {
    pub(super) fn run(self, context: &Context) -> Result<()> {
        let folders = context.folders_at(&self.reading)?;
        let (mut looked, mut amiss, mut findings) = (0, 0, 0);
        let mut reviews = Vec::new();
        for (nth, folder) in folders.iter().enumerate() {
            let (mut review, deals) = self.of(context, folder)?;
            let findings_of = review.deals.iter_mut().flat_map(|deal| &mut deal.findings);
            for command in findings_of.filter_map(|finding| finding.command.as_mut()) {
                *command = context.pasted(nth, command);
            }
            looked += deals;
            amiss += review.deals.len();
            findings += review.findings();
            review.deals.truncate(self.limit.unwrap_or(usize::MAX));
            reviews.push(review);
        }
        let figures: Vec<Figures> = reviews.iter().map(Found::figures).collect();
        match (&folders[..], &reviews[..], &figures[..]) {
            ([folder], [review], [figures]) => context.show_by(folder.process(), |format, look, out| {
                render_review(review, figures, format, look, out)
            })?,
            _ => context.show_each(&folders, figures, None)?,
        }
        let said = match findings {
            0 => format!("nothing is amiss with {}", count(looked, "deal")),
            several => format!("{} in {amiss} of {}", count(several, "finding"), count(looked, "deal")),
        };
        if self.fail && findings > 0 {
            return Err(Error::failed(said));
        }
        context.note(&said);
        Ok(())
    }

    /// The review of a folder, and how many deals were looked at.
    fn of(&self, context: &Context, folder: &Folder) -> Result<(Found, u64)> {
        let process = folder.process();
        known(process, &self.rule)?;
        let clock = context.clock(process.zone)?;
        let unsound = self.reading.unsound();
        let told = TOLD.map(str::to_owned);
        let (asked, files) = Asked::read(folder, Need::History, &self.terms, &told, &clock)?;
        let rules = self.rules(folder, &asked)?;
        let found = asked.found(&files, unsound)?;
        context.note_skipped(found.skipped);
        let ground = ground(folder, &files, context.lang(process), &clock, unsound)?;
        let deals = found.deals.iter().map(|row| (asked.standing(row), asked.seen(row)));
        let review = review(&ground, &rules, deals).map_err(|missing| no_rate(folder, &missing))?;
        Ok((review, found.deals.len() as u64))
    }

    /// What to look for, with the terms of pipeline.yaml understood.
    fn rules<'a>(&self, folder: &'a Folder, asked: &'a Asked<'_>) -> Result<Rules<'a>> {
        let (sight, process) = (&asked.sight, folder.process());
        let mut wrong = Vec::new();
        let stated = sight.review().unwrap_or_else(|misstated| {
            wrong.extend(misstated);
            Vec::new()
        });
        let mut gates = Vec::new();
        for (stage, _) in process.open_stages().chain(process.outcome_stages(Outcome::Won)) {
            match sight.conditions(stage) {
                Ok(conditions) => gates.push((stage, conditions)),
                Err(misstated) => wrong.extend(misstated),
            }
        }
        if !wrong.is_empty() {
            return Err(misstated(folder, wrong));
        }
        Ok(Rules::new(sight, stated, gates, |id| {
            self.rule.is_empty() || self.rule.iter().any(|rule| rule == id)
        }))
    }
}

/// Makes sure that a review of the process looks for all of these.
fn known(process: &Process, wanted: &[String]) -> Result<()> {
    let Some(unknown) = wanted.iter().find(|id| !rules(process).any(|known| known == **id)) else {
        return Ok(());
    };
    let error = Error::usage(format!("a review has no rule `{unknown}`"));
    let otherwise = format!("rules are {}", rules(process).collect::<Vec<_>>().join(", "));
    Err(error.suggest(nearest(unknown, rules(process)), otherwise))
}
