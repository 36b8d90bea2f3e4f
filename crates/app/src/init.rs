//! `xuecheng init`: a place becomes an installation.
//!
//! Keys, tables, the organisation at the top and the first administrator. What is an installation already is never touched; what
//! was broken off is taken up again, because nothing of it has been used by anybody.

use std::{
    io::{BufRead, IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use kernel::{Actor, Day, Id, Org, Person, RegionCode, Role};
use network::{FoundOrg, OrgKind, RegionRow};
use people::{Register, RoleAt, Vault};
use store::{Location, Tx};

use crate::{
    city::City,
    cli::Place,
    config::{self, Config, FILE},
    settings,
    whole_file::{self, Readers},
};

/// The operator who founds the installation.
const INIT: Actor = Actor::System("init");
/// Minutes for which the link of the first administrator can be used: a day.
const LINK_MINUTES: i64 = 24 * 60;
/// Setting: the installation was founded, and when.
pub const FOUNDED: &str = "installation.founded";
/// Setting: the name of the installation's log in signed heads.
pub const ORIGIN: &str = "installation.origin";
/// Setting: the first administrator.
const ADMINISTRATOR: &str = "installation.administrator";

/// What `init` has to know; what is not given is asked for in a terminal.
#[derive(Debug, Clone, Args)]
pub struct Answers {
    /// Name of the city in Chinese, such as 重庆.
    #[arg(long)]
    pub city_zh: Option<String>,
    /// Name of the city in English, such as Chongqing.
    #[arg(long)]
    pub city_en: Option<String>,
    /// Official 12-digit code of the city, such as 500000000000.
    #[arg(long)]
    pub region: Option<String>,
    /// Full name of the city in the list of divisions, such as 重庆市 (default: from the packaged list, else the Chinese name).
    #[arg(long)]
    pub region_name: Option<String>,
    /// Import the packaged divisions of the city: `chongqing`.
    #[arg(long)]
    pub divisions: Option<String>,
    /// The organisation at the top, such as 重庆市社区教育服务指导中心.
    #[arg(long)]
    pub organisation: Option<String>,
    /// Name of the first administrator.
    #[arg(long)]
    pub administrator: Option<String>,
    /// Her mobile number, for signing in by code later (optional).
    #[arg(long)]
    pub phone: Option<String>,
    /// Name of the system administrator 系统管理员, who keeps the program running (optional here; `xuecheng appoint` does it later).
    #[arg(long)]
    pub system_administrator: Option<String>,
    /// Name of the security administrator 安全保密管理员, who appoints and unlocks (optional here).
    #[arg(long)]
    pub security_administrator: Option<String>,
    /// Name of the auditor 安全审计员, who reads what the others do (optional here).
    #[arg(long)]
    pub auditor: Option<String>,
    /// Name under which the log of facts is signed, such as learn.example.cn (default: the host of the base URL). It never changes.
    #[arg(long)]
    pub origin: Option<String>,
    /// Address to listen on, for the configuration.
    #[arg(long)]
    pub listen: Option<String>,
    /// Address under which people will reach it, for the configuration.
    #[arg(long)]
    pub base_url: Option<String>,
}

/// Everything that is founded, checked before anything is made.
struct Plan {
    regions: Vec<RegionRow>,
    city: RegionCode,
    kind: OrgKind,
    organisation: String,
    administrator: Register,
    three: Vec<(Role, Register)>,
    origin: String,
    config: Config,
}

/// Founds an installation and prints the link of its administrator.
///
/// # Errors
/// If the place is an installation already, or something given is wrong; then nothing was made.
pub fn run(place: &Place, answers: &Answers) -> Result<ExitCode> {
    let found = config::find(None, place.data.as_deref(), place.database.as_deref())?;
    let root = found.data.clone();
    refuse_existing(&root, found.config.database())?;
    let plan = plan(answers, found.config)?;
    let (token, three) = found_all(&root, &plan)?;
    let base = plan.config.base_url();
    println!("an installation of {} lies in {}", plan.config.city.name_zh, root.display());
    println!("serve it: xuecheng serve --data {}", root.display());
    println!("keep apart from all backups: {}", root.join("keys").display());
    for (role, token) in &three {
        println!("the {role} signs in once, within a day: {base}/sign-in/link/{token}");
    }
    for role in Role::ALL.into_iter().filter(|role| role.is_administrator()) {
        if !three.iter().any(|(appointed, _)| *appointed == role) {
            println!("there is no {role} yet: xuecheng appoint {role} --name NAME --data {}", root.display());
        }
    }
    println!("sign in once, within a day: {base}/sign-in/link/{token}");
    Ok(ExitCode::SUCCESS)
}

/// Another link for the first administrator, for an operator who lost hers.
///
/// # Errors
/// If the place is no installation that `init` made.
pub fn link(place: &Place) -> Result<ExitCode> {
    let found = config::find(None, place.data.as_deref(), place.database.as_deref())?;
    let city = City::open(&found.data, found.config.database(), false)?;
    let person = settings::get(&city.store, ADMINISTRATOR)?
        .context("this installation has no first administrator; `xuecheng init` makes one")?;
    let person: Id<Person> = person.parse().map_err(|error| anyhow!("{error:?}"))?;
    let token = city
        .store
        .write_blocking("init.link", move |tx| people::issue_link(tx, person, LINK_MINUTES))
        .map_err(|error| anyhow!("{error:?}"))?;
    println!("sign in once, within a day: {}/sign-in/link/{token}", found.config.base_url());
    Ok(ExitCode::SUCCESS)
}

/// A place with records, or a database with an organisation, is somebody's.
fn refuse_existing(root: &Path, database: Option<&str>) -> Result<()> {
    let location = database.map_or_else(|| Location::File(root.join("xuecheng.db")), Location::parse);
    if matches!(&location, Location::File(path) if !path.exists()) {
        return Ok(());
    }
    let store = crate::city::open_store(&location)?;
    let founded = store
        .read_blocking(|tx| {
            if !store::has_table(tx, "setting")? || !store::has_table(tx, "org")? {
                return Ok(false);
            }
            Ok(settings::get_in(tx, FOUNDED)?.is_some()
                || settings::get_in(tx, "demo.begun")?.is_some()
                || network::top_org(tx)?.is_some())
        })
        .map_err(|error| anyhow!("the database cannot be read: {error:?}"))?;
    if founded {
        bail!(
            "{} is an installation already, and init changes none. Another process of it needs a data directory with its keys and \
             {FILE}, and `xuecheng serve`; a new installation needs another --data or --database",
            match &location {
                Location::File(_) => root.display().to_string(),
                Location::Server(_) => "the database".to_owned(),
            }
        );
    }
    Ok(())
}

fn plan(answers: &Answers, mut config: Config) -> Result<Plan> {
    let mut ask = Asker { terminal: std::io::stdin().is_terminal() };
    let set = |given: &Option<String>, value: &mut String| {
        if let Some(given) = given {
            value.clone_from(given);
        }
    };
    set(&answers.listen, &mut config.place.listen);
    set(&answers.base_url, &mut config.place.base_url);
    set(&answers.city_zh, &mut config.city.name_zh);
    set(&answers.city_en, &mut config.city.name_en);
    if config.city.name_zh.is_empty() {
        config.city.name_zh = ask.line("--city-zh", "城市名称 Name of the city in Chinese, such as 重庆")?;
    }
    if config.city.name_en.is_empty() {
        config.city.name_en = ask.line("--city-en", "Name of the city in English, such as Chongqing")?;
    }
    let packaged = match answers.divisions.as_deref() {
        None | Some("") => false,
        Some("chongqing") => true,
        Some(other) => bail!("--divisions is {other:?}; packaged are only those of chongqing"),
    };
    let region = match &answers.region {
        Some(region) => region.clone(),
        None if packaged => "500000000000".to_owned(),
        None => {
            ask.line("--region", "行政区划代码 Official code of the city, 12 digits, such as 500000000000")?
        }
    };
    let city: RegionCode = region.parse().map_err(|_| {
        anyhow!("--region is {region:?}; give the official code of 12 digits, like 500000000000")
    })?;
    let regions = if packaged {
        config.city.map = "chongqing".to_owned();
        packaged_regions()?
    } else {
        let name = answers.region_name.clone().unwrap_or_else(|| config.city.name_zh.clone());
        vec![single(&city, &name, &config.city.name_zh)]
    };
    if !regions.iter().any(|row| row.code == city.as_str()) {
        bail!(
            "--region is {city}, which is not in the packaged divisions; leave --divisions out or name one of them"
        );
    }
    let organisation = match &answers.organisation {
        Some(name) => name.clone(),
        None => ask.line(
            "--organisation",
            "最上级机构 The organisation at the top, such as 重庆市社区教育服务指导中心",
        )?,
    };
    let administrator = match &answers.administrator {
        Some(name) => name.clone(),
        None => ask.line("--administrator", "首位管理员姓名 Name of the first administrator")?,
    };
    config.validate()?;
    config.validate_city()?;
    let base = config.base_url();
    let host = base.split_once("://").map_or("", |(_, rest)| rest).split('/').next().unwrap_or("").to_owned();
    let origin = answers.origin.clone().unwrap_or(host);
    if origin.is_empty() || origin.contains(char::is_whitespace) || origin.len() > 200 {
        bail!("--origin is {origin:?}; give a word without blanks, such as learn.example.cn");
    }
    let administrator = Register {
        name: administrator,
        phone: answers.phone.clone(),
        home_region: Some(city.clone()),
        ..Register::default()
    };
    let appointed = |role, name: &Option<String>| {
        name.clone().map(|name| (role, Register { name, ..Register::default() }))
    };
    let three: Vec<(Role, Register)> = [
        appointed(Role::SystemAdministrator, &answers.system_administrator),
        appointed(Role::SecurityAdministrator, &answers.security_administrator),
        appointed(Role::Auditor, &answers.auditor),
    ]
    .into_iter()
    .flatten()
    .collect();
    let kind = OrgKind::GuidanceCentre;
    Ok(Plan { kind, regions, city, organisation, administrator, three, origin, config })
}

struct Asker {
    terminal: bool,
}

impl Asker {
    fn line(&mut self, flag: &str, question: &str) -> Result<String> {
        if !self.terminal {
            bail!("{flag} is missing: {question}");
        }
        print!("{question}: ");
        std::io::stdout().flush()?;
        let mut text = String::new();
        std::io::stdin().lock().read_line(&mut text)?;
        let text = text.trim().to_owned();
        if text.is_empty() {
            bail!("nothing was entered; {flag} answers beforehand");
        }
        Ok(text)
    }
}

fn single(code: &RegionCode, name: &str, short_name: &str) -> RegionRow {
    RegionRow {
        line: 1,
        code: code.to_string(),
        name: name.to_owned(),
        short_name: short_name.to_owned(),
        kind: "市".to_owned(),
        parent: String::new(),
        region_group: String::new(),
        valid_from: Day::of(2020, 1, 1).unwrap_or(Day(0)),
        population: None,
        place: None,
    }
}

fn packaged_regions() -> Result<Vec<RegionRow>> {
    let failed = |error: kernel::Error| anyhow!("the packaged divisions cannot be read: {error:?}");
    let listed = Day::of(2022, 12, 31).unwrap_or(Day(0));
    let census = Day::of(2020, 11, 1).unwrap_or(Day(0));
    let mut rows =
        network::read_regions(include_str!("../../../data/chongqing/cq_divisions_2022.csv"), listed)
            .map_err(failed)?;
    let people = include_str!("../../../data/chongqing/cq_population_2020.csv");
    network::with_populations(&mut rows, people, "population_2020_11_01", census).map_err(failed)?;
    network::with_places(&mut rows, include_str!("../../../data/chongqing/cq_district_centroids.csv"))
        .map_err(failed)?;
    Ok(rows)
}

/// Makes everything; the last step marks the installation as founded, in the transaction that founds it.
fn found_all(root: &Path, plan: &Plan) -> Result<(String, Vec<(Role, String)>)> {
    let city = City::open(root, plan.config.database(), true)?;
    write_config(root, &plan.config)?;
    let vault = city.vault.clone();
    let (regions, code, kind) = (plan.regions.clone(), plan.city.clone(), plan.kind);
    let (name, register, origin) =
        (plan.organisation.clone(), plan.administrator.clone(), plan.origin.clone());
    let three = plan.three.clone();
    let found = move |tx: &mut Tx| {
        network::import_regions(tx, &INIT, &regions)?;
        let subjects =
            catalog::read_subjects(include_str!("../../../data/chongqing/course_taxonomy_draft.csv"))?;
        catalog::import_subjects(tx, &INIT, &subjects)?;
        let org = network::found_org(tx, &INIT, &top(&name, kind, &code, tx.now().day()))?;
        let this = i64::from(tx.now().day().date().0);
        for year in network::read_holidays(include_str!("../../../data/chongqing/cn_holidays.csv"), this)? {
            network::set_holidays(tx, &INIT, &year)?;
        }
        let person = appoint(tx, &vault, &register, Role::Head, org)?;
        // Each an account of its own: nobody is two of them.
        let mut links = Vec::new();
        for (role, register) in &three {
            let one = appoint(tx, &vault, register, *role, org)?;
            links.push((*role, people::issue_link(tx, one, LINK_MINUTES)?));
        }
        settings::set_in(tx, ORIGIN, &origin)?;
        settings::set_in(tx, ADMINISTRATOR, &person.to_string())?;
        let now = tx.now().rfc3339();
        settings::set_in(tx, FOUNDED, &now)?;
        Ok((people::issue_link(tx, person, LINK_MINUTES)?, links))
    };
    city.store
        .write_blocking("init.found", found)
        .map_err(|error| anyhow!("nothing was founded: {error:?}; mend that and start init again"))
}

fn top(name: &str, kind: OrgKind, region: &RegionCode, today: Day) -> FoundOrg {
    FoundOrg {
        kind,
        name: name.to_owned(),
        region_code: region.clone(),
        parent_id: None,
        address: String::new(),
        phone: String::new(),
        hours: String::new(),
        opening: network::Opening::default(),
        place: None,
        place_note: String::new(),
        opened_on: today,
        demo: false,
    }
}

/// She agrees to the privacy notice herself, when she signs in.
fn appoint(
    tx: &mut Tx,
    vault: &Vault,
    cmd: &Register,
    role: Role,
    org: Id<Org>,
) -> kernel::Result<Id<Person>> {
    let person = people::register(tx, vault, &INIT, cmd)?;
    people::grant_role(tx, &INIT, &RoleAt { person, role, org })?;
    Ok(person)
}

/// The file may hold the password of the database, so only its owner reads it.
fn write_config(root: &Path, config: &Config) -> Result<()> {
    let path = root.join(FILE);
    let mut config = config.clone();
    // The file lies in the data directory; a name in it would only go stale when the directory is moved.
    config.place.data = config::Place::default().data;
    let text = config.file()?;
    if std::fs::read_to_string(&path)
        .is_ok_and(|known| Config::read(&known, &[]).is_ok_and(|known| known == config))
    {
        return Ok(());
    }
    whole_file::replace(&path, &text, Readers::Owner)
}
