//! `/home`: what is next and what needs you, for one person or for all one's people together.

mod needs;
mod page;

pub use page::HomePage;
