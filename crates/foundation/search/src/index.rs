//! The handle: opening, writing, and the position that lies in the commit.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use kernel::{Error, Result};
use tantivy::{
    IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Term as Key, indexer::IndexWriterOptions,
};

use crate::{
    chinese::{self, ChineseTokenizer},
    document::{Doc, Fields, TOKENIZER},
    fold::fold_name,
    lexicon::{Lexicon, is_word},
    vocabulary::{Vocabulary, Wish},
};

/// Raised when fields or tokenizer change: an index of another format is made anew.
const FORMAT: u32 = 2;
/// Nobody wants a longer text completed.
const MAX_SUGGEST_CHARS: usize = 30;
/// Memory of the one writer while it holds documents, in bytes.
const WRITER_BYTES: usize = 40_000_000;
/// Ids and titles are read in blocks of this size; small, because a page of hits reads one block a hit.
const STORE_BLOCK_BYTES: usize = 4_096;
/// Blocks of ids and titles kept unpacked for each segment.
const STORE_CACHE_BLOCKS: usize = 256;

/// A search index. A cheap handle: clones share everything and may be used from all threads.
#[derive(Clone)]
pub struct Index {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) fields: Fields,
    pub(crate) reader: IndexReader,
    engine: tantivy::Index,
    position: AtomicI64,
    writing: Mutex<Writing>,
    vocabulary: RwLock<Arc<Vocabulary>>,
    lexicon: RwLock<Arc<Lexicon>>,
}

/// The writer is made when it is first needed, so that a process which only reads holds no lock.
#[derive(Default)]
struct Writing {
    writer: Option<IndexWriter>,
    pending: Option<i64>,
}

impl Index {
    /// Opens the index under `dir`, in a folder of its own for this `version` (the caller raises it when the documents
    /// it makes change) and for the format of this crate; folders of other versions are removed. What is missing,
    /// incompatible or damaged is made anew and empty, with position 0. Returns within milliseconds; the dictionary
    /// loads behind, and the first query or writing waits for it.
    ///
    /// # Errors
    /// The folder cannot be made or written.
    pub fn open(dir: &Path, version: u32) -> Result<Self> {
        chinese::warm();
        let name = format!("v{FORMAT}-{version}");
        remove_others(dir, &name);
        let path = dir.join(name);
        match Self::open_existing(&path) {
            Ok(Some(index)) => return Ok(index),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "the search index is made anew");
                fs::remove_dir_all(&path).map_err(|error| failed("remove the damaged index", error))?;
            }
        }
        fs::create_dir_all(&path).map_err(|error| failed("make the folder of the index", error))?;
        let fields = Fields::new();
        let builder = tantivy::Index::builder().schema(fields.schema.clone()).settings(settings());
        let engine = builder.create_in_dir(&path).map_err(|error| failed("make the index", error))?;
        Self::start(engine, fields, 0).map_err(|error| failed("open the new index", error))
    }

    /// Looks at the index under `dir` without changing or locking anything: its position, or `None` where there is none yet. Every file
    /// is read and its checksum compared.
    ///
    /// # Errors
    /// It is damaged or cannot be read.
    pub fn look(dir: &Path, version: u32) -> Result<Option<i64>> {
        let path = dir.join(format!("v{FORMAT}-{version}"));
        let found = Self::open_existing(&path).map_err(|error| failed("read the index", error))?;
        let Some(index) = found else { return Ok(None) };
        match index.damaged_files()?.first() {
            None => Ok(Some(index.position())),
            Some(file) => Err(failed("read the index", format!("{} is damaged", file.display()))),
        }
    }

    /// An empty index that lives as long as its handles.
    ///
    /// # Errors
    /// None in practice.
    pub fn in_memory() -> Result<Self> {
        chinese::warm();
        let fields = Fields::new();
        let builder = tantivy::Index::builder().schema(fields.schema.clone()).settings(settings());
        let engine = builder.create_in_ram().map_err(|error| failed("make an index in memory", error))?;
        Self::start(engine, fields, 0).map_err(|error| failed("open an index in memory", error))
    }

    /// An empty index in memory that reads queries with the places, synonyms and wishes of this one: for asking many questions about a few
    /// documents.
    ///
    /// # Errors
    /// None in practice.
    pub fn empty_like(&self) -> Result<Self> {
        let other = Self::in_memory()?;
        *other.inner.vocabulary.write().unwrap_or_else(PoisonError::into_inner) = self.vocabulary();
        Ok(other)
    }

    fn open_existing(
        path: &Path,
    ) -> std::result::Result<Option<Self>, Box<dyn std::error::Error + Send + Sync>> {
        if !path.exists() {
            return Ok(None);
        }
        let engine = tantivy::Index::open_in_dir(path)?;
        refuse_stumps(&engine, path)?;
        let fields = Fields::new();
        if engine.schema() != fields.schema {
            return Err("its fields are other ones".into());
        }
        let position = match engine.load_metas()?.payload {
            Some(payload) => payload.parse()?,
            None => 0,
        };
        Ok(Some(Self::start(engine, fields, position)?))
    }

    fn start(engine: tantivy::Index, fields: Fields, position: i64) -> tantivy::Result<Self> {
        engine.tokenizers().register(TOKENIZER, ChineseTokenizer);
        let reader = engine
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(STORE_CACHE_BLOCKS)
            .try_into()?;
        let inner = Inner {
            fields,
            reader,
            engine,
            position: AtomicI64::new(position),
            writing: Mutex::default(),
            vocabulary: RwLock::default(),
            lexicon: RwLock::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The position up to which the index holds everything, as of the last commit; 0 for a new index.
    pub fn position(&self) -> i64 {
        self.inner.position.load(Ordering::Acquire)
    }

    /// Documents that can be found.
    pub fn len(&self) -> u64 {
        self.inner.reader.searcher().num_docs()
    }

    /// Whether there is nothing to be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes changes: first `deletes` (ids, unknown ones are nothing), then `upserts`, of which a later one of the same
    /// id wins. After the next [`commit`](Self::commit) they can be found and [`position`](Self::position) is
    /// `position`. May be called several times with one position. Blocks while the writer is behind.
    ///
    /// # Errors
    /// `position` lies before one already taken; another process writes the index; the disk fails. After an error all
    /// that was not committed is lost, and the caller goes on from [`position`](Self::position).
    pub fn apply(&self, position: i64, upserts: &[Doc], deletes: &[String]) -> Result<()> {
        let mut writing = self.writing();
        let taken = writing.pending.unwrap_or_else(|| self.position());
        if position < taken {
            return Err(Error::bug(format!("search position {position} lies before {taken}")));
        }
        let outcome = self.writer(&mut writing).and_then(|writer| {
            let fields = &self.inner.fields;
            for id in deletes {
                writer.delete_term(Key::from_field_text(fields.id, id));
            }
            for doc in upserts {
                writer.delete_term(Key::from_field_text(fields.id, &doc.id));
                writer.add_document(fields.document(doc))?;
            }
            Ok(())
        });
        match outcome {
            Ok(()) => {
                writing.pending = Some(position);
                Ok(())
            }
            Err(error) => {
                *writing = Writing::default();
                Err(failed("write to the index", error))
            }
        }
    }

    /// Makes everything applied durable and findable, together with its position. Does nothing if there is nothing.
    ///
    /// # Errors
    /// The disk fails; see [`apply`](Self::apply).
    pub fn commit(&self) -> Result<()> {
        let mut writing = self.writing();
        let Some(position) = writing.pending else { return Ok(()) };
        let outcome = self.writer(&mut writing).and_then(|writer| {
            let mut prepared = writer.prepare_commit()?;
            prepared.set_payload(&position.to_string());
            prepared.commit()
        });
        if let Err(error) = outcome {
            *writing = Writing::default();
            return Err(failed("commit the index", error));
        }
        writing.pending = None;
        self.inner.position.store(position, Ordering::Release);
        self.inner.reader.reload().map_err(|error| failed("read the committed index", error))
    }

    /// Removes everything and sets the position back to 0, durably: the beginning of a rebuild.
    ///
    /// # Errors
    /// As of [`commit`](Self::commit).
    pub fn clear(&self) -> Result<()> {
        let mut writing = self.writing();
        // Documents still on their way to the writer's thread would survive; they go with the writer.
        *writing = Writing::default();
        let outcome = self.writer(&mut writing).and_then(|writer| {
            writer.delete_all_documents()?;
            Ok(())
        });
        if let Err(error) = outcome {
            *writing = Writing::default();
            return Err(failed("clear the index", error));
        }
        writing.pending = Some(0);
        drop(writing);
        self.commit()
    }

    /// Reads all files and answers those whose checksum is wrong. Takes as long as reading the disk does.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn damaged_files(&self) -> Result<Vec<PathBuf>> {
        let damaged =
            self.inner.engine.validate_checksum().map_err(|error| failed("check the index", error))?;
        let mut damaged: Vec<PathBuf> = damaged.into_iter().collect();
        damaged.sort();
        Ok(damaged)
    }

    /// Tells all names of places, with or without 街道, 镇, 乡, 区, 县; replaces those told before. No new index is needed.
    pub fn set_places<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>) {
        self.change_vocabulary(|words| words.set_places(names));
    }

    /// Tells synonyms as the text of a CSV file with the columns `group,term,is_head`; replaces those told before.
    /// Answers the number of terms. No new index is needed.
    ///
    /// # Errors
    /// A line cannot be read; the error names it and nothing is changed.
    pub fn set_synonyms(&self, csv: &str) -> Result<usize> {
        let mut words = Vocabulary::clone(&self.vocabulary());
        let terms = words.set_synonyms(csv)?;
        self.change_vocabulary(|kept| kept.take_synonyms(words));
        Ok(terms)
    }

    /// Replaces the words which need not match (a list for everyday Chinese and English is built in). One with a hyphen
    /// before it is also cut off the end of longer words: with `-课`, `书法课` is read as `书法` and `课`.
    pub fn set_optional_words<S: AsRef<str>>(&self, words: impl IntoIterator<Item = S>) {
        self.change_vocabulary(|kept| kept.set_optional_words(words));
    }

    /// Tells words that name values of facets; replaces those told before. Several values for one word are alternatives.
    pub fn set_wishes(&self, wishes: impl IntoIterator<Item = Wish>) {
        self.change_vocabulary(|words| words.set_wishes(wishes));
    }

    /// Reads the words of all titles, places and synonyms, so that pinyin, initials and slips are understood and beginnings completed.
    /// Takes up to some hundred milliseconds, so the caller does it when it has nothing better to do, not at every commit.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn learn_words(&self) -> Result<()> {
        let mut counts: HashMap<String, u64> =
            self.vocabulary().all().map(|word| (word.clone(), 0)).collect();
        let searcher = self.inner.reader.searcher();
        for segment in searcher.segment_readers() {
            let read = || -> tantivy::Result<Vec<(String, u64)>> {
                let titles = segment.inverted_index(self.inner.fields.title)?;
                let mut terms = titles.terms().stream()?;
                let mut words = Vec::new();
                while terms.advance() {
                    if let Some(text) = std::str::from_utf8(terms.key()).ok()
                        && (is_word(text) || counts.contains_key(text))
                    {
                        words.push((text.to_owned(), u64::from(terms.value().doc_freq)));
                    }
                }
                Ok(words)
            };
            for (word, titles) in read().map_err(|error| failed("read the words of the index", error))? {
                *counts.entry(word).or_default() += titles;
            }
        }
        let lexicon = Arc::new(Lexicon::new(counts));
        *self.inner.lexicon.write().unwrap_or_else(PoisonError::into_inner) = lexicon;
        Ok(())
    }

    /// Words that begin with what was typed so far, in characters, pinyin or initials; the commonest in titles first.
    pub fn suggest(&self, typed: &str, limit: usize) -> Vec<String> {
        let typed = fold_name(typed);
        if typed.is_empty() || typed.chars().count() > MAX_SUGGEST_CHARS {
            return Vec::new();
        }
        let lexicon = self.lexicon();
        lexicon.beginning(&typed, limit).into_iter().map(|number| lexicon.text(number).to_owned()).collect()
    }

    /// Ids of documents whose next session, as they say, began before this moment; at most `limit`.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn started_before(&self, moment: i64, limit: usize) -> Result<Vec<String>> {
        self.ids_started_before(moment, limit).map_err(|error| failed("read the index", error))
    }

    pub(crate) fn lexicon(&self) -> Arc<Lexicon> {
        Arc::clone(&self.inner.lexicon.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn vocabulary(&self) -> Arc<Vocabulary> {
        Arc::clone(&self.inner.vocabulary.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change_vocabulary(&self, change: impl FnOnce(&mut Vocabulary)) {
        let mut shared = self.inner.vocabulary.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut shared));
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.inner.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer<'a>(&self, writing: &'a mut Writing) -> tantivy::Result<&'a mut IndexWriter> {
        let writer = match writing.writer.take() {
            Some(writer) => writer,
            None => {
                let options = IndexWriterOptions::builder()
                    .num_worker_threads(1)
                    .num_merge_threads(1)
                    .memory_budget_per_thread(WRITER_BYTES)
                    .build();
                self.inner.engine.writer_with_options(options)?
            }
        };
        Ok(writing.writer.insert(writer))
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("position", &self.position()).field("len", &self.len()).finish()
    }
}

fn settings() -> IndexSettings {
    IndexSettings { docstore_blocksize: STORE_BLOCK_BYTES, ..IndexSettings::default() }
}

pub(crate) fn failed(what: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::bug(format!("cannot {what}")).caused_by(error)
}

/// The engine panics on a file that is too short for its own footer, so such an index is refused before.
fn refuse_stumps(
    engine: &tantivy::Index,
    path: &Path,
) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
    const FOOTER_BYTES: u64 = 8;
    // Files of segments that no commit names are left from a crash and do no harm.
    let named: Vec<String> = engine.searchable_segment_ids()?.iter().map(|id| id.uuid_string()).collect();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let segment = named.iter().any(|id| name.to_string_lossy().starts_with(id));
        if segment && entry.metadata()?.len() < FOOTER_BYTES {
            return Err(format!("{} is cut off", name.to_string_lossy()).into());
        }
    }
    Ok(())
}

/// Removes folders that earlier versions left behind; only names of our own making.
fn remove_others(dir: &Path, keep: &str) {
    let ours = |name: &str| {
        let numbers = name.strip_prefix('v').and_then(|rest| rest.split_once('-'));
        numbers
            .is_some_and(|(format, version)| format.parse::<u32>().is_ok() && version.parse::<u32>().is_ok())
    };
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| ours(name) && name != keep)
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!(%error, path = %entry.path().display(), "an old search index could not be removed");
        }
    }
}
