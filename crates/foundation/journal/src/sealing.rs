//! Sealing: signed roots of the Merkle tree over all positions.

use kernel::{Error, Result, Timestamp};
use seal::{Frontier, SigningKey, TreeHead};
use store::{Store, params, sql};

/// Leaves that one head takes in at most.
const BATCH: i64 = 5_000;

/// The origin's key and name.
pub struct Sealer {
    key: SigningKey,
    origin: String,
}

store::row! {
    /// A signed root.
    pub struct Head {
        /// Number of leaves under it.
        pub size: i64,
        /// The Merkle tree hash of RFC 9162.
        pub root: Vec<u8>,
        /// The root before it.
        pub prev_root: Vec<u8>,
        /// When it was made.
        pub at: Timestamp,
        /// Thumbprint of the key.
        pub key_id: String,
        /// Ed25519 signature over the head's canonical text.
        pub signature: Vec<u8>,
        /// The right edge of the tree, from which it goes on growing.
        pub frontier: Vec<u8>,
    }
}

impl Head {
    /// The text that is signed.
    pub(crate) fn tree_head(&self, origin: &str) -> Option<TreeHead> {
        Some(TreeHead {
            origin: origin.to_owned(),
            size: u64::try_from(self.size).ok()?,
            root: self.root.clone().try_into().ok()?,
            at_ms: self.at.millis(),
            prev_root: self.prev_root.clone().try_into().ok()?,
        })
    }
}

/// The newest heads, newest first.
pub fn heads(tx: &mut store::Tx, limit: i64) -> Result<Vec<Head>> {
    tx.all(
        sql!("SELECT size, root, prev_root, at, key_id, signature, frontier FROM seal_head ORDER BY size DESC LIMIT $1"),
        params![limit],
    )
}

impl Sealer {
    /// A sealer for this origin.
    pub fn new(key: SigningKey, origin: impl Into<String>) -> Self {
        Self { key, origin: origin.into() }
    }

    /// The key that its signatures are checked with.
    pub fn verifying_key(&self) -> seal::VerifyingKey {
        self.key.verifying_key()
    }

    /// Whose log it is.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The signed note of a head, as it is published.
    pub fn note(&self, head: &Head) -> Result<String> {
        let signature = head.signature.as_slice().try_into().ok();
        head.tree_head(&self.origin)
            .zip(signature)
            .and_then(|(text, signature)| text.note_of(&self.verifying_key(), &signature).ok())
            .ok_or_else(|| Error::bug(format!("head {} cannot be written", head.size)))
    }

    /// Seals all positions that are not under a head yet; returns the size of the newest head.
    pub fn seal(&self, store: &Store) -> Result<i64> {
        // A city that is older than the stored nodes gets them first, in transactions that hold nobody up. A look costs a read.
        while !store.read_blocking(|tx| {
            let size = sealed(tx)?;
            crate::nodes::complete(tx, size)
        })? {
            store.write_blocking("journal.nodes", |tx| {
                lock(tx)?;
                let size = sealed(tx)?;
                crate::nodes::fill(tx, size)
            })?;
        }
        loop {
            let (last, leaves) = store.read_blocking(|tx| {
                let last = heads(tx, 1)?.pop();
                let size = last.as_ref().map_or(0, |head| head.size);
                let leaves: Vec<(i64, Vec<u8>)> = tx.all(
                    sql!("SELECT pos, leaf FROM fact_pos WHERE pos > $1 ORDER BY pos LIMIT $2"),
                    params![size, BATCH],
                )?;
                Ok((last, leaves))
            })?;
            let size = last.as_ref().map_or(0, |head| head.size);
            if leaves.is_empty() {
                return Ok(size);
            }
            self.add_head(store, last.as_ref(), &leaves)?;
        }
    }

    fn add_head(&self, store: &Store, last: Option<&Head>, leaves: &[(i64, Vec<u8>)]) -> Result<()> {
        let mut frontier = match last {
            Some(head) => {
                Frontier::from_bytes(&head.frontier).map_err(|e| Error::bug("frontier").caused_by(e))?
            }
            None => Frontier::new(),
        };
        let prev_root = frontier.root();
        for (pos, leaf) in leaves {
            let leaf =
                leaf.as_slice().try_into().map_err(|_| Error::bug(format!("leaf {pos} is no hash")))?;
            frontier.push(leaf);
        }
        let head = TreeHead {
            origin: self.origin.clone(),
            size: frontier.size(),
            root: frontier.root(),
            at_ms: store.clock().now().millis(),
            prev_root,
        };
        let signature = head.signature(&self.key).map_err(|e| Error::bug("tree head").caused_by(e))?;
        let size = i64::try_from(head.size).map_err(|e| Error::bug("tree size").caused_by(e))?;
        let key_id = self.key.id();
        let row = vec![
            size.into(),
            head.root.into(),
            head.prev_root.into(),
            head.at_ms.into(),
            key_id.into(),
            signature.into(),
            frontier.to_bytes().into(),
        ];
        let before = last.map_or(0, |head| head.size);
        store.write_blocking("journal.seal", move |tx| {
            lock(tx)?;
            // Another process may have sealed meanwhile: its head is as good, and two that follow the same one would be a split view.
            if sealed(tx)? != before.unsigned_abs() {
                return Ok(());
            }
            tx.exec(
                sql!(
                    "INSERT INTO seal_head (size, root, prev_root, at, key_id, signature, frontier) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7)"
                ),
                &row,
            )?;
            tx.exec(sql!("UPDATE consumer SET pos = $1 WHERE name = 'sealer'"), params![size])?;
            crate::nodes::fill(tx, size.unsigned_abs()).map(|_| ())
        })
    }
}

/// Size of the newest head.
pub(crate) fn sealed(tx: &mut store::Tx) -> Result<u64> {
    let row: Option<(i64,)> = tx.opt(sql!("SELECT size FROM seal_head ORDER BY size DESC LIMIT 1"), &[])?;
    Ok(row.map_or(0, |(size,)| size.unsigned_abs()))
}

/// One process seals at a time.
fn lock(tx: &mut store::Tx) -> Result<()> {
    tx.exec(
        sql!(
            "INSERT INTO consumer (name, pos) SELECT 'sealer', coalesce(max(size), 0) FROM seal_head WHERE TRUE \
             ON CONFLICT (name) DO NOTHING"
        ),
        &[],
    )?;
    tx.lock("consumer", "name", "sealer")
}
