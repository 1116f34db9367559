//! Two nodes on one store: what one does, the other knows; and who has not heard does not guess. Names
//! that begin with an id are rows of the list of refusals.

mod every_step_elsewhere;
mod following;
mod health;
mod master_key;
