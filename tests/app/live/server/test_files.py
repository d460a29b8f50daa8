import json
import re

import pytest
import xarray as xr

from app.live.server.files import Unfinished, file
from app.live.server.hub import Hub
from tests.app.live.server.readers import settle, shown, submit


def test_files_hold_the_run_and_its_judgement(still_hub: Hub, tmp_path):
    token = submit(still_hub, seeds=2)
    settle(still_hub)
    name, _ = file(still_hub, token, "nc")
    assert re.fullmatch(r"toy-growth-[0-9a-f]{8}\.nc", name)
    still_hub.control(token, "run")
    settle(still_hub)
    _, data = file(still_hub, token, "nc")
    path = tmp_path / "run.nc"
    path.write_bytes(data)
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        assert {"task", "prediction", "run", "claims"} <= set(tree.children)
        assert tree.attrs["prediction_sha256"] == still_hub.job(token).forecast.settings[0].hash


def test_other_settings_make_other_file_names_and_the_same_ones_the_same(still_hub: Hub):
    def named(**settings):
        token = submit(still_hub, **settings)
        settle(still_hub)
        name, _ = file(still_hub, token, "csv")
        assert json.loads(shown(still_hub, token))["stem"] == name.removesuffix(".csv")
        return name

    names = [named(), named(eta=0.004), named(seeds=2)]
    assert len(set(names)) == 3
    assert named() == names[0]


def test_a_page_is_there_once_the_run_is_over(still_hub: Hub):
    token = submit(still_hub)
    settle(still_hub)
    with pytest.raises(Unfinished):
        file(still_hub, token, "html")
    still_hub.control(token, "run")
    settle(still_hub)
    name, data = file(still_hub, token, "html")
    assert re.fullmatch(r"toy-growth-[0-9a-f]{8}\.html", name)
    assert still_hub.job(token).forecast.settings[0].hash.encode() in data
