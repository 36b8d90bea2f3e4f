//! Configuration: `xuecheng.toml`, overridden by `XUECHENG_…`, overridden by flags.
//!
//! A wrong key is refused with the one that was probably meant: what is silently ignored is found at the worst moment.

mod sections;

use std::{
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

pub use sections::{Access, City, Key, Log, Mail, Metrics, Place, Web, Witness};

/// Name of the file in the data directory.
pub const FILE: &str = "xuecheng.toml";
/// How unlike a word may be to count as mistyped (Jaro–Winkler, 1 is equal).
const LIKE: f64 = 0.8;

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Keys at the top.
    #[serde(flatten)]
    pub place: Place,
    /// `[city]`
    pub city: City,
    /// `[web]`
    pub web: Web,
    /// `[access]`
    pub access: Access,
    /// `[log]`
    pub log: Log,
    /// `[metrics]`
    pub metrics: Metrics,
    /// `[witness]`
    pub witness: Witness,
    /// `[mail]`
    pub mail: Mail,
}

/// Sections in the order in which they are printed.
const SECTIONS: [(&str, &[&str], &[Key]); 8] = [
    ("", Place::ABOUT, Place::KEYS),
    ("city", City::ABOUT, City::KEYS),
    ("web", Web::ABOUT, Web::KEYS),
    ("access", Access::ABOUT, Access::KEYS),
    ("log", Log::ABOUT, Log::KEYS),
    ("metrics", Metrics::ABOUT, Metrics::KEYS),
    ("witness", Witness::ABOUT, Witness::KEYS),
    ("mail", Mail::ABOUT, Mail::KEYS),
];

fn keys() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().flat_map(|(_, _, keys)| keys.iter())
}

impl Config {
    /// Reads a file's text (empty if there is none) and the variables of the environment that begin with `XUECHENG_`.
    ///
    /// # Errors
    /// All faults at once: unknown keys with what was probably meant, values of another type, values that [`Config::validate`] refuses.
    pub fn read(text: &str, environment: &[(String, String)]) -> Result<Self> {
        let mut table: Table = text.parse().context("it is no TOML")?;
        let mut faults = Vec::new();
        unknown(&table, &mut faults);
        overridden(&mut table, environment, &mut faults);
        let defaults = Table::try_from(Self::default())?;
        for key in keys() {
            let (Some(value), Some(default)) = (look(&table, key), look(&defaults, key)) else { continue };
            if value.type_str() != default.type_str() {
                faults.push(format!(
                    "{} is {value}, of type {}; it takes the type {}, such as {default}",
                    key.path(),
                    value.type_str(),
                    default.type_str()
                ));
            }
        }
        refuse(&faults)?;
        let config: Self = Value::Table(table).try_into()?;
        config.validate()?;
        Ok(config)
    }

    /// Whether the values make sense, each told with key, value and mend.
    ///
    /// # Errors
    /// All that do not, at once.
    pub fn validate(&self) -> Result<()> {
        let mut faults = Vec::new();
        self.place.faults(&mut faults);
        self.web.faults(&mut faults);
        self.access.faults(&mut faults);
        self.log.faults(&mut faults);
        self.metrics.faults(&mut faults);
        self.witness.faults(&self.mail, &mut faults);
        self.mail.faults(&mut faults);
        refuse(&faults)
    }

    /// What only `serve` needs: the city's names.
    ///
    /// # Errors
    /// As [`Config::validate`].
    pub fn validate_city(&self) -> Result<()> {
        let mut faults = Vec::new();
        self.city.faults(&mut faults);
        refuse(&faults)
    }

    /// The address to listen on.
    ///
    /// # Errors
    /// If it is none; [`Config::read`] has refused that before.
    pub fn listen(&self) -> Result<SocketAddr> {
        self.place.listen.parse().map_err(|_| anyhow!("listen is no address with a port"))
    }

    /// Address under which people reach the site, without a slash at the end.
    pub fn base_url(&self) -> String {
        if self.place.base_url.is_empty() {
            format!("http://{}", self.place.listen)
        } else {
            self.place.base_url.trim_end_matches('/').to_owned()
        }
    }

    /// The database server, if there is one.
    pub fn database(&self) -> Option<&str> {
        Some(self.place.database.as_str()).filter(|url| !url.is_empty())
    }

    /// Every key with its explanation, commented out at its default, so that a file tells only what differs.
    pub fn commented() -> String {
        Self::default().written(|_| false)
    }

    /// As [`Config::commented`], with the keys that differ from the default set.
    pub fn file(&self) -> Result<String> {
        let (own, defaults) = (Table::try_from(self)?, Table::try_from(Self::default())?);
        Ok(self.written(|key| look(&own, key) != look(&defaults, key)))
    }

    fn written(&self, set: impl Fn(&Key) -> bool) -> String {
        let table = Table::try_from(self).unwrap_or_default();
        let mut text = String::from(
            "# Xuecheng 学城: configuration. Each key can also be set in the environment by the name in brackets.\n",
        );
        for (section, about, keys) in SECTIONS {
            text.push('\n');
            for line in about {
                let _ = writeln!(text, "##{line}");
            }
            if !section.is_empty() {
                let _ = writeln!(text, "[{section}]");
            }
            for key in keys {
                text.push('\n');
                for line in key.doc {
                    let _ = writeln!(text, "#{line}");
                }
                let value = look(&table, key).map(ToString::to_string).unwrap_or_default();
                let mark = if set(key) { "" } else { "#" };
                let _ = writeln!(text, "# [{}]\n{mark}{} = {value}", key.variable(), key.name);
            }
        }
        text
    }
}

fn refuse(faults: &[String]) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(anyhow!("{}", faults.join("\n  "))) }
}

fn look<'t>(table: &'t Table, key: &Key) -> Option<&'t Value> {
    if key.section.is_empty() {
        table.get(key.name)
    } else {
        table.get(key.section)?.as_table()?.get(key.name)
    }
}

fn unknown(table: &Table, faults: &mut Vec<String>) {
    let mut check = |path: String| {
        if !keys().any(|key| key.path() == path) {
            faults.push(format!("there is no key {path}{}", meant(&path, keys().map(Key::path))));
        }
    };
    for (name, value) in table {
        match value {
            Value::Table(inner) if SECTIONS.iter().any(|(section, ..)| section == name) => {
                inner.keys().for_each(|key| check(format!("{name}.{key}")));
            }
            _ => check(name.clone()),
        }
    }
}

/// `; did you mean log.days?`
fn meant(word: &str, known: impl Iterator<Item = String>) -> String {
    let last = |path: &str| path.rsplit('.').next().unwrap_or("").to_owned();
    let likeness = |path: &String| {
        strsim::jaro_winkler(word, path).max(strsim::jaro_winkler(&last(word), &last(path)) - 0.01)
    };
    let best = known.map(|path| (likeness(&path), path)).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(like, _)| *like >= LIKE)
        .map_or_else(String::new, |(_, path)| format!("; did you mean {path}?"))
}

fn overridden(table: &mut Table, environment: &[(String, String)], faults: &mut Vec<String>) {
    let defaults = Table::try_from(Config::default()).unwrap_or_default();
    for (variable, text) in environment {
        let Some(key) = keys().find(|key| key.variable() == *variable) else {
            // Other tools have variables of their own; only what looks like a key of a section must be one.
            let ours = SECTIONS.iter().any(|(section, ..)| {
                !section.is_empty() && variable.starts_with(&format!("XUECHENG_{}_", section.to_uppercase()))
            });
            if ours {
                let near = meant(variable, keys().map(Key::variable));
                faults.push(format!("there is no variable {variable}{near}"));
            }
            continue;
        };
        let value = match look(&defaults, key) {
            Some(Value::Integer(_)) => match text.trim().parse() {
                Ok(number) => Value::Integer(number),
                Err(_) => {
                    faults.push(format!("{variable} is {text:?}; give a whole number"));
                    continue;
                }
            },
            Some(Value::Array(_)) => Value::Array(
                text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect(),
            ),
            _ => Value::from(text.as_str()),
        };
        let place = if key.section.is_empty() {
            Some(&mut *table)
        } else {
            let section = table.entry(key.section).or_insert_with(|| Value::Table(Table::new()));
            section.as_table_mut()
        };
        if let Some(place) = place {
            place.insert(key.name.to_owned(), value);
        }
    }
}

/// Where the configuration and the data of this call are.
#[derive(Debug, Clone)]
pub struct Found {
    /// What is set.
    pub config: Config,
    /// The data directory.
    pub data: PathBuf,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
}

/// Finds and reads the configuration: the file that is named, else `xuecheng.toml` in the data directory. `data` and `database` are flags
/// and overrule it.
///
/// # Errors
/// The file that is named cannot be read, or something in it is wrong.
pub fn find(named: Option<&Path>, data: Option<&Path>, database: Option<&str>) -> Result<Found> {
    let environment = environment();
    let told = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let folder = data
        .map(Path::to_owned)
        .or_else(|| told("XUECHENG_DATA").map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from(Place::default().data));
    let file = named.map_or_else(|| folder.join(FILE), Path::to_owned);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => None,
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", file.display())),
    };
    let mut config = Config::read(text.as_deref().unwrap_or(""), &environment)
        .with_context(|| format!("the configuration {} is not right", file.display()))?;
    let from_file = named.is_some() && data.is_none() && told("XUECHENG_DATA").is_none();
    let data = if from_file {
        // A relative path in a file is meant from where the file lies.
        file.parent().unwrap_or(Path::new(".")).join(&config.place.data)
    } else {
        folder
    };
    if let Some(database) = database {
        config.place.database = database.to_owned();
        config.validate()?;
    }
    Ok(Found { config, data, file: text.map(|_| file) })
}

/// The database that the installation in this directory names, unless a flag or variable does.
pub fn database_of(data: &Path) -> Result<Option<String>> {
    if !data.join(FILE).is_file() {
        return Ok(None);
    }
    let found = find(None, Some(data), None)?;
    Ok(found.config.database().map(str::to_owned))
}

/// Variables whose names begin with `XUECHENG_`.
#[expect(clippy::disallowed_methods, reason = "here the binary reads its environment")]
fn environment() -> Vec<(String, String)> {
    std::env::vars().filter(|(name, _)| name.starts_with("XUECHENG_")).collect()
}

/// `xuecheng config`.
///
/// # Errors
/// If the configuration is not right.
pub fn run(print: bool, named: Option<&Path>, data: Option<&Path>) -> Result<std::process::ExitCode> {
    if print {
        print!("{}", Config::commented());
        return Ok(std::process::ExitCode::SUCCESS);
    }
    let found = find(named, data, None)?;
    let Some(file) = &found.file else {
        bail!("there is no {} in {}; name a file with --config", FILE, found.data.display());
    };
    found.config.validate_city().with_context(|| format!("{} is not right", file.display()))?;
    println!("{} is right", file.display());
    Ok(std::process::ExitCode::SUCCESS)
}
