//! What only a cluster of several processes can show.
