//! Fetching a feed.
