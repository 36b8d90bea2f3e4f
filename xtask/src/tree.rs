//! The source tree in memory, so that rules are pure functions and tests can make small trees.

use std::fs;
use std::path::Path;

/// A file of the repository.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the repository's root, with `/`.
    pub path: String,
    /// Contents.
    pub bytes: Vec<u8>,
}

impl File {
    /// The contents as text; nothing for a binary file.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// What follows the last dot of the file's name; empty without one.
    pub fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The folder that the file lies in, without a slash at the end; empty for the root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// All files of the repository that are written by people or vendored, sorted by path.
#[derive(Debug, Default)]
pub struct Tree {
    pub files: Vec<File>,
}

impl Tree {
    /// Reads the tree below `root`. What tools make is left out: hidden folders (but for ours), caches, packages, test results.
    pub fn read(root: &Path) -> std::io::Result<Self> {
        let mut tree = Self::default();
        tree.descend(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn descend(&mut self, folder: &Path, prefix: &str) -> std::io::Result<()> {
        const MADE_BY_TOOLS: &[&str] =
            &["node_modules", "target", "test-results", "playwright-report", "xuecheng-demo"];
        if folder.join("CACHEDIR.TAG").exists() {
            return Ok(());
        }
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let hidden = name.starts_with('.') && name != ".ci" && name != ".cargo";
                if !hidden && !MADE_BY_TOOLS.contains(&name.as_str()) {
                    self.descend(&entry.path(), &format!("{path}/"))?;
                }
            } else if kind.is_file() {
                self.files.push(File { path, bytes: fs::read(entry.path())? });
            }
        }
        Ok(())
    }

    /// The file at `path`.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files whose names end with `.extension`.
    pub fn with_extension<'a>(&'a self, extension: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.extension() == extension)
    }

    /// A tree of the given paths and texts.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| File { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() })
            .collect();
        Self { files }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_path() {
        let tree = Tree::of(&[("a/b/c.d.rs", ""), ("test", "")]);
        assert_eq!(tree.files[0].extension(), "rs");
        assert_eq!(tree.files[0].folder(), "a/b");
        assert_eq!((tree.files[1].extension(), tree.files[1].folder()), ("", ""));
    }

    #[test]
    fn the_real_tree_has_this_file_and_nothing_of_git() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let tree = Tree::read(root).unwrap();
        assert!(tree.get("xtask/src/tree.rs").is_some());
        assert!(
            tree.files
                .iter()
                .all(|file| !file.path.starts_with(".git/") && !file.path.contains("node_modules/"))
        );
    }
}
