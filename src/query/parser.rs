//! Reads an expression into conditions, by the binding strength of what stands between them.

use std::ops::Range;

use super::flaw::Flaw;
use super::lexer::{Atom, Lexeme, Lexer, Op, Token};
use super::literal;
use super::matching::Node;
use super::print::{in_quotes, quote};
use super::{Dictionary, FieldDef, Kind};
use crate::deal::money::Currency;
use crate::fold::{Needle, fold};
use crate::problem::nearest;

/// How deep brackets, `not` and views may stand in one another.
pub(super) const DEEPEST: usize = 100;

/// How many terms an expression may have, with those of its views.
pub(super) const LONGEST: usize = 10_000;

/// The fields that a bare word searches.
const SEARCHED: [&str; 3] = ["id", "name", "account"];

/// What is counted over an expression and all its views.
#[derive(Default)]
struct Budget {
    depth: usize,
    terms: usize,
    /// The views that are being expanded, outermost first.
    views: Vec<String>,
}

/// Reads a whole expression; `None` when it says nothing. `seams` are where two arguments meet.
pub(super) fn read(text: &str, seams: &[usize], dictionary: &Dictionary) -> Result<Option<Node>, Flaw> {
    let mut budget = Budget::default();
    expression(text, seams, dictionary, &mut budget)
}

fn expression(
    text: &str,
    seams: &[usize],
    dictionary: &Dictionary,
    budget: &mut Budget,
) -> Result<Option<Node>, Flaw> {
    let mut parser = Parser { lexer: Lexer::new(text), seams, dictionary, budget };
    parser.whole().map_err(|flaw| flaw.within(text))
}

/// How strongly terms hold together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Or,
    And,
    Not,
}

struct Parser<'t, 'd, 'b> {
    lexer: Lexer<'t>,
    seams: &'t [usize],
    dictionary: &'d Dictionary<'d>,
    budget: &'b mut Budget,
}

impl<'t> Parser<'t, '_, '_> {
    fn whole(&mut self) -> Result<Option<Node>, Flaw> {
        if self.peek()?.token == Token::End {
            return Ok(None);
        }
        let node = self.terms(Strength::Or)?;
        let rest = self.lexer.next()?;
        match rest.token {
            Token::End => Ok(Some(node)),
            // `terms` stops at nothing but an end and a closing bracket.
            _ => {
                Err(Flaw::at(rest.place, "there is no `(` for this `)`")
                    .help("leave it out, or put ( before"))
            }
        }
    }

    fn peek(&self) -> Result<Lexeme<'t>, Flaw> {
        self.lexer.clone().next()
    }

    /// Terms that hold together at least as strongly as asked.
    fn terms(&mut self, at_least: Strength) -> Result<Node, Flaw> {
        let mut left = self.term()?;
        loop {
            let between = self.peek()?;
            let strength = match between.token {
                Token::End | Token::Close => return Ok(left),
                Token::Or => Strength::Or,
                _ => Strength::And,
            };
            if strength < at_least {
                return Ok(left);
            }
            if matches!(between.token, Token::And | Token::Or) {
                self.lexer.next()?;
            }
            left = match strength {
                Strength::Or => any(left, self.terms(Strength::And)?),
                _ => all(left, self.terms(Strength::Not)?),
            };
        }
    }

    /// One term, with its `not`.
    fn term(&mut self) -> Result<Node, Flaw> {
        let Lexeme { token, place } = self.lexer.next()?;
        self.budget.terms += 1;
        if self.budget.terms > LONGEST {
            return Err(Flaw::at(place, format!("these are more than {LONGEST} terms"))
                .help("views that name views multiply; say less"));
        }
        match token {
            Token::Open => {
                if let Ok(Lexeme { token: Token::Close, place: close }) = self.peek() {
                    return Err(Flaw::at(place.start..close.end, "there is nothing in these brackets")
                        .help("leave them out, or put terms between them"));
                }
                self.deeper(&place)?;
                let node = self.terms(Strength::Or)?;
                self.budget.depth -= 1;
                match self.lexer.next()?.token {
                    Token::Close => Ok(node),
                    _ => Err(Flaw::at(place, "this bracket is not closed").help("put ) where its terms end")),
                }
            }
            Token::Not => {
                self.deeper(&place)?;
                let node = self.terms(Strength::Not)?;
                self.budget.depth -= 1;
                Ok(Node::Not(Box::new(node)))
            }
            Token::View(name) => {
                self.deeper(&place)?;
                let node = self.view(name, place)?;
                self.budget.depth -= 1;
                Ok(node)
            }
            Token::Word { text, quoted } => self.search(&text, quoted, place),
            Token::Field(name) => self.comparison(&name, place),
            Token::And | Token::Or | Token::End | Token::Close => Err(self.no_term(&token, place)),
        }
    }

    fn no_term(&self, token: &Token, place: Range<usize>) -> Flaw {
        let before = self.lexer.text()[..place.start].split_whitespace().next_back().unwrap_or_default();
        match token {
            Token::Close if matches!(before, "") => {
                Flaw::at(place, "there is no `(` for this `)`").help("leave it out, or put ( before")
            }
            Token::End | Token::Close => Flaw::at(place, format!("a term is missing after `{before}`"))
                .help(format!("write a term, such as status=open, or leave `{before}` out")),
            _ => {
                let word = self.lexer.text()[place.clone()].to_owned();
                Flaw::at(place, format!("a term is missing before `{word}`"))
                    .help(format!("write a term before it; to search for the word, write \"{word}\""))
            }
        }
    }

    fn deeper(&mut self, place: &Range<usize>) -> Result<(), Flaw> {
        self.budget.depth += 1;
        if self.budget.depth > DEEPEST {
            return Err(Flaw::at(
                place.clone(),
                format!("brackets, `not` and views stand over {DEEPEST} deep here"),
            )
            .help("say it with fewer brackets"));
        }
        Ok(())
    }

    fn view(&mut self, name: &str, place: Range<usize>) -> Result<Node, Flaw> {
        let views = &self.dictionary.process.views;
        let found = views.iter().find(|(other, _)| other == name);
        let found = found.or_else(|| views.iter().find(|(other, _)| fold(other) == fold(name)));
        let Some((name, text)) = found else {
            let known: Vec<String> = views.iter().map(|(name, _)| format!("@{name}")).collect();
            let help = if known.is_empty() {
                "this process has no views; name one under `views:` in pipeline.yaml".to_owned()
            } else {
                did_you_mean(&format!("@{name}"), &known, "the views are")
            };
            return Err(Flaw::at(place, format!("there is no view `@{name}`")).help(help));
        };
        if self.budget.views.contains(name) {
            let path: Vec<String> =
                self.budget.views.iter().chain([name]).map(|view| format!("@{view}")).collect();
            return Err(Flaw::at(
                place,
                format!("the view `@{name}` needs itself: {}", path.join(", then ")),
            )
            .help("take one of them out of the other's terms in pipeline.yaml"));
        }
        self.budget.views.push(name.clone());
        let node = expression(text, &[], self.dictionary, self.budget);
        self.budget.views.pop();
        match node {
            Ok(Some(node)) => Ok(node),
            Ok(None) => Err(Flaw::at(place, format!("the view `@{name}` has no terms"))
                .help("give it terms under `views:` in pipeline.yaml")),
            // A flaw of a view within this one names that view already.
            Err(flaw) if flaw.text != *text => Err(flaw),
            Err(flaw) => Err(Flaw { message: format!("{}, in the view `@{name}`", flaw.message), ..flaw }),
        }
    }

    fn search(&self, text: &str, quoted: bool, place: Range<usize>) -> Result<Node, Flaw> {
        if text.trim().is_empty() {
            return Err(Flaw::at(place, "there is nothing to search for in these quotes")
                .help("write a text between them, or leave them out"));
        }
        if !quoted
            && let Some((name, value)) = text.split_once(':')
            && self.field(name).is_some()
        {
            return Err(Flaw::at(place, format!("`{text}` is a search, not a comparison"))
                .help(format!("write {name}={value} to compare, or \"{text}\" to search for it")));
        }
        let fields = &self.dictionary.fields;
        let fields: Vec<usize> =
            (0..fields.len()).filter(|at| SEARCHED.contains(&&*fields[*at].name)).collect();
        if fields.is_empty() {
            return Err(Flaw::at(place, "there is no id, name or account here to search in")
                .help(format!("compare a field instead; {}", self.known_fields())));
        }
        Ok(Node::Search { fields, needle: Needle::new(text), written: in_quotes(text.trim()) })
    }

    fn field(&self, name: &str) -> Option<usize> {
        let fields = &self.dictionary.fields;
        let exact = fields.iter().position(|field| field.name == name);
        exact.or_else(|| fields.iter().position(|field| fold(&field.name) == fold(name)))
    }

    fn known_fields(&self) -> String {
        let names: Vec<&str> = self.dictionary.fields.iter().map(|field| field.name.as_str()).collect();
        format!("the fields are {}", names.join(", "))
    }

    fn comparison(&mut self, name: &str, place: Range<usize>) -> Result<Node, Flaw> {
        let Some(index) = self.field(name) else {
            let names = self.dictionary.fields.iter().map(|field| field.name.as_str());
            let near = nearest(name, names).map_or(String::new(), |near| format!("did you mean `{near}`? "));
            return Err(Flaw::at(place, format!("there is no field `{name}`"))
                .help(format!("{near}{}", self.known_fields())));
        };
        let dictionary = self.dictionary;
        let field = &dictionary.fields[index];
        let (op, sign) = self.lexer.operator()?;
        let apart = sign.start > place.end;
        let atoms = if op.equates() && !apart && (self.lexer.at_space() || self.lexer.here().is_none()) {
            self.nothing(field, op)?
        } else {
            self.values(field, op)?
        };
        let test = literal::test(index, op, sign.clone(), &atoms, dictionary)?;
        self.refuse_stray_word(field, op, place.start, &atoms)?;
        Ok(Node::Test(test))
    }

    /// The value of `owner=` when a space or the end follows: nothing, unless a word follows that may be the value.
    fn nothing(&self, field: &FieldDef, op: Op) -> Result<Vec<Atom>, Flaw> {
        let at = self.lexer.at();
        if let Lexeme { token: Token::Word { .. }, place } = self.peek()? {
            let (name, sign) = (quote(&field.name), op.sign());
            let word = self.lexer.text()[place.clone()].to_owned();
            let message = format!("`{word}` may be the value of {name} or a search of its own");
            return Err(Flaw::at(place, message).help(format!(
                "write {name}{sign}{word} for the value, or {name}{sign}\"\" and {word} for both"
            )));
        }
        Ok(vec![Atom { text: String::new(), quoted: false, after_space: false, place: at..at }])
    }

    fn values(&mut self, field: &FieldDef, op: Op) -> Result<Vec<Atom>, Flaw> {
        self.lexer.skip_space();
        let at = self.lexer.at();
        if let Ok(Lexeme { token, place }) = self.peek() {
            let text = self.lexer.text();
            let next = &text[place.clone()];
            let keyword = matches!(token, Token::And | Token::Or | Token::Not);
            let compared = matches!(&token, Token::Field(name) if self.field(name).is_some());
            if (keyword || compared) && text[..at].ends_with(char::is_whitespace) {
                let (name, sign) = (quote(&field.name), op.sign());
                let help = if op.equates() {
                    format!("write {name}{sign}\"{next}\" for the text, or {name}{sign}\"\" for none")
                } else {
                    format!("write {name}{sign}\"{next}\" if that is the value")
                };
                return Err(
                    Flaw::at(place, format!("the value of {name} is missing before `{next}`")).help(help)
                );
            }
        }
        let atoms = self.lexer.values(&literal::phrases(&field.kind, self.dictionary))?;
        // `stage=won, owner=ana`: the comma would make the second comparison a value of the first.
        for atom in atoms.iter().filter(|atom| atom.after_space && !atom.quoted) {
            if let Ok(Lexeme { token: Token::Field(name), .. }) = Lexer::new(&atom.text).next()
                && self.field(&name).is_some()
            {
                return Err(Flaw::at(
                    atom.place.clone(),
                    format!("the comma makes this a value of {}", field.name),
                )
                .help("leave the comma out: terms need only a space between them"));
            }
        }
        Ok(atoms)
    }

    /// Refuses `account=Acme Ltd`, which means one thing to the one who writes it and could mean another.
    ///
    /// In two arguments of a command, `account=Acme` and `Ltd`, it is clear that they are two.
    fn refuse_stray_word(&self, field: &FieldDef, op: Op, start: usize, atoms: &[Atom]) -> Result<(), Flaw> {
        let Some(last) = atoms.last().filter(|atom| !atom.quoted && !atom.text.is_empty()) else {
            return Ok(());
        };
        if field.kind == Kind::Money {
            return self.refuse_currency(start, last);
        }
        if field.kind != Kind::Text || (op.equates() && last.text == "*") {
            return Ok(());
        }
        let mut ahead = self.lexer.clone();
        let mut end = last.place.end;
        while let Ok(Lexeme { token: Token::Word { quoted: false, .. }, place }) = ahead.next() {
            if self.seams.iter().any(|seam| (end..place.start).contains(seam)) {
                break;
            }
            end = place.end;
        }
        if end == last.place.end {
            return Ok(());
        }
        let text = self.lexer.text();
        let stray = text[last.place.end..end].trim();
        let whole = in_quotes(&text[last.place.start..end]);
        let whole = format!("{}{whole}", &text[start..last.place.start]);
        Err(Flaw::at(
            last.place.start..end,
            format!("`{stray}` may belong to `{}` or be a search", last.text),
        )
        .help(format!(
            "write {whole} for one text (in a shell: '{whole}'), or `and` before `{stray}` for both"
        )))
    }

    /// Refuses `value=10k EUR`, which would compare with 10k of any currency and search for EUR besides.
    fn refuse_currency(&self, start: usize, amount: &Atom) -> Result<(), Flaw> {
        match self.peek() {
            Ok(Lexeme { token: Token::Word { text, quoted: false }, place })
                if Currency::named(&text).is_some() =>
            {
                Err(Flaw::at(place, format!("an amount is compared without its currency `{text}`"))
                    .help(format!("write {} currency={text}", &self.lexer.text()[start..amount.place.end])))
            }
            _ => Ok(()),
        }
    }
}

/// The name that was meant, when one is near; else all there are.
pub(super) fn did_you_mean(wrong: &str, known: &[String], lead: &str) -> String {
    match nearest(wrong, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`? {lead} {}", known.join(", ")),
        None => format!("{lead} {}", known.join(", ")),
    }
}

fn all(left: Node, right: Node) -> Node {
    let mut nodes = match left {
        Node::And(nodes) => nodes,
        other => vec![other],
    };
    match right {
        Node::And(more) => nodes.extend(more),
        other => nodes.push(other),
    }
    Node::And(nodes)
}

fn any(left: Node, right: Node) -> Node {
    let mut nodes = match left {
        Node::Or(nodes) => nodes,
        other => vec![other],
    };
    match right {
        Node::Or(more) => nodes.extend(more),
        other => nodes.push(other),
    }
    Node::Or(nodes)
}
