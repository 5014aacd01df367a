//! Lists: one item at a time, none at all, and the whole list as one form.

use domain::profile::{Answer, NONE, Section, Shape, form_of, form_of_item, read, read_item, same};

use crate::samples::{TODAY, form};

fn allergy(substance: &str) -> domain::profile::Item {
    read_item(Section::Allergies, &form(&[("substance", substance), ("severity", "unknown")]), TODAY).unwrap()
}

fn of(substances: &[&str]) -> Answer {
    substances
        .iter()
        .fold(Answer::default(), |answer, substance| answer.with_item(Section::Allergies, allergy(substance)).unwrap())
}

#[test]
fn items_are_added_changed_and_removed() {
    let answer = of(&["Latex", "Nuts"]).with_item_changed(0, allergy("Bees")).with_item_changed(7, allergy("Cats"));
    assert_eq!(answer.items(), [allergy("Bees"), allergy("Nuts")]);
    assert_eq!(answer.clone().without_item(2), answer);
    assert_eq!(answer.without_item(0).items(), [allergy("Nuts")]);
}

#[test]
fn a_form_that_is_sent_twice_adds_once() {
    assert_eq!(of(&["Latex", "Nuts", " latex"]).items().len(), 2);
}

#[test]
fn a_list_takes_no_more_than_its_most() {
    let Shape::Many { most, .. } = Section::Allergies.shape() else { panic!("a list") };
    let many: Vec<String> = (0..most).map(|n| format!("Thing {n}")).collect();
    let full = of(&many.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(full.clone().with_item(Section::Allergies, allergy("Thing 3")).is_ok(), "it is there already");
    let refused = full.clone().with_item(Section::Allergies, allergy("One more")).unwrap_err();
    assert!(refused.message.starts_with("There is room for 50 here"), "{refused:?}");
    let mut form = form_of(Section::Allergies, &full);
    assert_eq!(read(Section::Allergies, &form, TODAY).unwrap(), full);
    form.insert("51-substance".to_owned(), "One more".to_owned());
    assert_eq!(read(Section::Allergies, &form, TODAY).unwrap_err(), [refused]);
}

#[test]
fn a_section_that_is_answered_once_takes_no_items() {
    assert!(Answer::default().with_item(Section::Address, allergy("Latex")).is_err());
}

#[test]
fn none_of_these_is_an_answer_until_something_is_added() {
    let none = Answer::none_of_these();
    assert!(none.says_none() && !none.is_empty());
    assert_eq!(read(Section::Allergies, &form(&[(NONE, "yes")]), TODAY).unwrap(), none);
    let some = none.with_item(Section::Allergies, allergy("Latex")).unwrap();
    assert!(!some.says_none());
    assert!(some.without_item(0).is_empty(), "removing the last one does not state that there are none");
}

#[test]
fn a_list_of_nothing_asks_for_an_answer() {
    for typed in
        [form(&[]), form(&[(NONE, "perhaps")]), form(&[("1-substance", " "), ("1-nonsense", "x"), ("x-y", "z")])]
    {
        let mistakes = read(Section::Allergies, &typed, TODAY).unwrap_err();
        assert_eq!(mistakes[0].field, NONE);
        assert_eq!(mistakes[0].message, "Add each allergy, or choose “I have no allergies that I know of”");
    }
}

#[test]
fn some_and_none_cannot_both_be_true() {
    let mut typed = form_of(Section::Allergies, &of(&["Latex"]));
    typed.insert(NONE.to_owned(), "yes".to_owned());
    let mistakes = read(Section::Allergies, &typed, TODAY).unwrap_err();
    assert!(mistakes[0].message.starts_with("Remove each allergy"), "{mistakes:?}");
}

#[test]
fn a_mistake_in_a_list_leads_to_its_items_field() {
    let mut typed = form_of(Section::Allergies, &of(&["Latex", "Nuts"]));
    typed.insert("2-severity".to_owned(), "nonsense".to_owned());
    let mistakes = read(Section::Allergies, &typed, TODAY).unwrap_err();
    assert_eq!(mistakes.len(), 1);
    assert_eq!(mistakes[0].field, "2-severity");
}

#[test]
fn an_items_form_is_read_as_the_item() {
    let item = allergy("Latex");
    assert_eq!(read_item(Section::Allergies, &form_of_item(Section::Allergies, &item), TODAY).unwrap(), item);
}

#[test]
fn the_order_of_a_list_makes_no_difference_and_its_length_does() {
    assert!(same(Section::Allergies, &of(&["Latex", "Nuts"]), &of(&["nuts", "LATEX"])));
    assert!(!same(Section::Allergies, &of(&["Latex", "Nuts"]), &of(&["Latex"])));
    assert!(!same(Section::Allergies, &Answer::default(), &Answer::none_of_these()));
}
