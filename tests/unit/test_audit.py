"""The bill of materials is that of the lock file."""

import copy

from deploy.audit import LOCK, differences, make_bill, pinned


def test_the_bill_lists_what_is_locked_with_its_hashes_and_nothing_else(tmp_path):
    locked = pinned(LOCK.read_text("utf-8"))
    assert len(locked) > 30
    assert all(hashes for _, hashes in locked.values())
    bill = make_bill(LOCK, tmp_path / "bill.json")
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "marqab"
    assert differences(locked, bill) == []
    assert make_bill(LOCK, tmp_path / "again.json") == bill, "the same lock gives the same bill"

    changed = copy.deepcopy(bill)
    lost = changed["components"].pop(0)
    changed["components"][0]["version"] = "0"
    changed["components"].append({"name": "stranger", "version": "1"})
    told = " ".join(differences(locked, changed))
    for expected in (f"lacks {lost['name']}", "stranger, which is not locked", "the bill has 0", "stranger"):
        assert expected in told
