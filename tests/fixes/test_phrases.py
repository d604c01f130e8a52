"""What edits change, in a few words."""

from tb_diagnose.causes import Edit
from tb_diagnose.fixes.phrases import phrases

SCALED = (Edit("data", "mean, std", "x.mean(), x.std()"), Edit("data", "x", "(x - mean) / std"))


def test_a_phrase_says_what_and_where():
    assert phrases([Edit("dense_2", "activation", "sigmoid")]) == ('`activation="sigmoid"` in dense_2',)
    assert phrases([Edit("model", "trainable", True)]) == ("`trainable=True` in all layers",)
    assert phrases([Edit("fit", "epochs", 30), Edit("compile", "learning_rate", 0.01)]) == (
        "`epochs=30`",
        "`learning_rate=0.01`",
    )


def test_equal_changes_of_several_layers_are_one_phrase():
    two = [Edit(name, "activation", "relu") for name in ("a", "b")]
    assert phrases(two) == ('`activation="relu"` in a and b',)
    assert phrases([*two, Edit("c", "activation", "relu")]) == ('`activation="relu"` in 3 layers',)


def test_of_lines_on_the_data_those_that_make_x_or_y_are_said():
    assert phrases(SCALED) == ("`x = (x - mean) / std`",)


def test_objects_are_written_as_calls():
    adam = {"class_name": "Adam", "config": {"learning_rate": 0.001}}
    assert phrases([Edit("compile", "optimizer", adam)]) == ("`optimizer=Adam(learning_rate=0.001)`",)
    loss = {"class_name": "BinaryCrossentropy", "config": {"from_logits": True}}
    assert phrases([Edit("compile", "loss", loss)]) == ("`loss=keras.losses.BinaryCrossentropy(from_logits=True)`",)
    assert phrases([Edit("compile", "loss", {"class_name": "Own", "config": {}})]) == ("`loss=Own`",)
