"""Where an instance keeps its files, and who may."""

import os
import stat

import pytest

from devkit.core.errors import DevkitError, UsageError
from devkit.core.instance import Instance, instances_in, prepare_folder, project_root


@pytest.mark.parametrize("name", ["default", "a", "feature-2_b", "0", "x" * 40])
def test_names_of_small_letters_digits_and_dashes_are_fine(tmp_path, name):
    assert Instance(tmp_path, name).folder == tmp_path / ".devkit" / name


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-x", "x" * 41, "a b", "é", ".lock", "a\n"])
def test_other_names_are_refused_with_the_rule(tmp_path, name):
    with pytest.raises(UsageError) as caught:
        Instance(tmp_path, name)
    assert "lower-case" in str(caught.value.hint)


def test_an_instance_is_known_again_by_its_folder(tmp_path):
    instance = Instance(tmp_path, "other")
    assert Instance.of_folder(instance.folder) == instance


def test_the_project_is_the_nearest_folder_upwards_with_settings(tmp_path):
    (tmp_path / "devkit.yaml").touch()
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert project_root(inner) == tmp_path.resolve()
    (tmp_path / "a" / "devkit.yaml").touch()
    assert project_root(inner) == tmp_path.resolve() / "a"


def test_without_settings_the_project_is_the_folder_itself(tmp_path):
    assert project_root(tmp_path) == tmp_path.resolve()


def test_the_folder_is_closed_to_others_and_to_git(tmp_path):
    instance = Instance(tmp_path)
    prepare_folder(instance)
    assert stat.S_IMODE(instance.folder.stat().st_mode) == 0o700
    assert (instance.folder / ".gitignore").read_text() == "*\n"
    prepare_folder(instance)


def test_a_folder_that_became_open_is_closed_again(tmp_path):
    instance = Instance(tmp_path)
    prepare_folder(instance)
    instance.folder.chmod(0o755)
    prepare_folder(instance)
    assert stat.S_IMODE(instance.folder.stat().st_mode) == 0o700


def test_a_file_in_the_place_of_the_folder_is_an_error_that_names_it(tmp_path):
    (tmp_path / ".devkit").touch()
    with pytest.raises(DevkitError, match=r"\.devkit"):
        prepare_folder(Instance(tmp_path))


def test_a_symbolic_link_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".devkit").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DevkitError, match="symbolic link"):
        prepare_folder(Instance(tmp_path))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_folder_of_another_user_is_refused_and_names_both(tmp_path):
    instance = Instance(tmp_path)
    prepare_folder(instance)
    os.chown(instance.folder, 12345, 12345)
    with pytest.raises(DevkitError, match=r"belongs to user 12345, and you are root"):
        prepare_folder(instance)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_an_error_with_a_way_out(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(DevkitError, match="permission denied") as caught:
        prepare_folder(Instance(tmp_path))
    assert caught.value.hint


def test_instances_are_found_by_their_folders(tmp_path):
    assert instances_in(tmp_path) == []
    for name in ("b", "a"):
        prepare_folder(Instance(tmp_path, name))
    (tmp_path / ".devkit" / "Not an instance").mkdir()
    assert [instance.name for instance in instances_in(tmp_path)] == ["a", "b"]
