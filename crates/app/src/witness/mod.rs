//! Witnesses: heads that lie outside the operator's hands, and what they say about the log of today.
//!
//! Whoever holds the database and the signing key can write another history and sign it, and `verify` finds it true. What he cannot do is to
//! take back a head that others hold: either the log of today continues it, which a consistency proof shows, or it does not.

mod compare;
mod reach;

use std::{fs, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use journal::Sealer;
use kernel::{Day, Timestamp};
use store::Store;

pub use compare::{Verdict, compare, judge};

use crate::{
    city::City,
    cli::Place,
    config,
    data_dir::DataDir,
    whole_file::{self, Readers},
};
use reach::Witness;

/// Pause between two looks at whether a delivery is due.
pub const PAUSE: Duration = Duration::from_secs(60);

fn fail(error: kernel::Error) -> anyhow::Error {
    anyhow!("{error:?}")
}

/// `xuecheng witness deliver`: the newest head to every witness of the configuration, now.
///
/// # Errors
/// If none is configured, there is no head, or one of them does not take it.
pub fn deliver(place: &Place) -> Result<ExitCode> {
    let found = config::find(None, place.data.as_deref(), place.database.as_deref())?;
    let city = City::open(&found.data, found.config.database(), false)?;
    city.sealer.seal(&city.store).map_err(fail)?;
    let post = Post::new(&found.config, city.dir.clone(), city.store.clone(), city.sealer.clone());
    if post.witnesses.is_empty() {
        bail!("no witness is configured; set witness.folders, witness.urls or witness.mail in xuecheng.toml");
    }
    let mut failed = 0;
    for target in &post.witnesses {
        match post.hand_over(target) {
            Ok(size) => println!("delivered {size} records to {target}"),
            Err(error) => {
                failed += 1;
                println!("NOT delivered to {target}: {error:#}");
            }
        }
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Hands heads over.
pub struct Post {
    witnesses: Vec<Witness>,
    city_name: String,
    dir: DataDir,
    store: Store,
    sealer: Arc<Sealer>,
}

impl Post {
    /// To the witnesses of a configuration.
    pub fn new(config: &config::Config, dir: DataDir, store: Store, sealer: Arc<Sealer>) -> Self {
        Self { witnesses: reach::witnesses(config), city_name: config.base_url(), dir, store, sealer }
    }

    /// Gives the newest head to one witness and notes the day; returns how many records it covers.
    fn hand_over(&self, witness: &Witness) -> Result<i64> {
        let head = self.store.read_blocking(|tx| journal::heads(tx, 1)).map_err(fail)?.pop();
        let head = head.context("there is no head yet")?;
        let note = self.sealer.note(&head).map_err(fail)?;
        let name = format!("{}-{:012}.note", self.sealer.origin(), head.size);
        witness.take(&self.city_name, &name, &note)?;
        let mark = mark(&self.dir, witness);
        fs::create_dir_all(mark.parent().context("a mark lies in a folder")?)?;
        let text = format!("{}\n{witness}\n{}\n", self.today(), head.size);
        whole_file::replace(&mark, &text, Readers::Owner)?;
        Ok(head.size)
    }

    fn today(&self) -> Day {
        let now: Timestamp = self.store.clock().now();
        now.day()
    }

    /// Whether a witness has not got a head today.
    fn due(&self, witness: &Witness) -> bool {
        last(&self.dir, witness) != Some(self.today())
    }

    /// Delivers what is due. A witness that cannot be reached is tried again at the next look.
    pub fn round(&self) {
        for witness in self.witnesses.iter().filter(|witness| self.due(witness)) {
            let target = witness.to_string();
            match self.hand_over(witness) {
                Ok(size) => tracing::info!(target, size, "a witness has today's head"),
                Err(error) => {
                    tracing::warn!(target, error = format!("{error:#}"), "a witness was not reached")
                }
            }
        }
    }
}

/// Where it stands when a witness got its last head.
fn mark(dir: &DataDir, witness: &Witness) -> PathBuf {
    let name = seal::hex(&seal::sha256(witness.to_string().as_bytes())[..8]);
    dir.root().join("witnesses").join(name)
}

/// The day on which a witness got its last head.
fn last(dir: &DataDir, witness: &Witness) -> Option<Day> {
    fs::read_to_string(mark(dir, witness)).ok()?.lines().next()?.parse().ok()
}

/// Each witness of a configuration, with the day on which it got its last head.
pub fn last_days(config: &config::Config, dir: &DataDir) -> Vec<(String, Option<Day>)> {
    reach::witnesses(config).iter().map(|witness| (witness.to_string(), last(dir, witness))).collect()
}

#[cfg(test)]
impl Post {
    /// For tests: deliver now to all.
    pub fn all(&self) -> Vec<Result<i64>> {
        self.witnesses.iter().map(|witness| self.hand_over(witness)).collect()
    }

    /// For tests: what is due.
    pub fn still_due(&self) -> usize {
        self.witnesses.iter().filter(|witness| self.due(witness)).count()
    }
}
