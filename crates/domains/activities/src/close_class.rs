//! Closing a class: no more seats, no more sessions. Learning closes a class when its completions are recorded.

use journal::Fact;
use kernel::{Actor, Error, Result, Right};
use store::Tx;

use crate::{
    facts::{CLASS_CLOSED, ClassClosed},
    model::{CLASS, Class, ClassId},
    read,
    sign_up::NOT_OPEN,
};

/// Closes a class. Its teacher may do it, and who may close classes of the organisation.
pub fn close_class(tx: &mut Tx, actor: &Actor, class_id: ClassId) -> Result<Class> {
    let class = read::class(tx, class_id)?.ok_or_else(Error::missing)?;
    teacher_or(tx, actor, &class, Right::CloseClass)?;
    let payload = ClassClosed { org_id: class.org_id, class_id, offer_id: class.offer_id };
    let mut fact = Fact::new(CLASS_CLOSED, class.org_id).at(class.org_id).payload(&payload);
    let key = [class.org_id.into(), class_id.into()];
    fact.update(tx, &CLASS, &key, "status = 'closed'", "status = 'open'", &[])?
        .ok_or_else(|| Error::new(&NOT_OPEN).arg("title", &class.title))?;
    fact.emit(tx, actor)?;
    Ok(class)
}

/// The teacher of the class, the program, or who has the right at the organisation.
pub fn teacher_or(tx: &mut Tx, actor: &Actor, class: &Class, right: Right) -> Result<()> {
    match actor {
        Actor::System(_) => Ok(()),
        _ if class.teacher_id.is_some() && class.teacher_id == actor.person() => Ok(()),
        _ => network::access::require(tx, actor, right, class.org_id),
    }
}
