-- Roots of full subtrees, so that a proof reads a few hundred rows however large the tree is. `level` is the height of the subtree, a
-- multiple of 8; number `idx` of height 8 covers the leaves idx * 256 to idx * 256 + 255. Derived from the leaves.
CREATE TABLE seal_node (
    level bigint NOT NULL,
    idx bigint NOT NULL,
    hash bytes NOT NULL,
    PRIMARY KEY (level, idx)
);
-- local

-- Who holds a fact's id asks for its place.
CREATE INDEX fact_pos_fact ON fact_pos (fact_id);
