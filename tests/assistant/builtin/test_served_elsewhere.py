"""The built-in model behind a real server: `transformers serve`, to which we talk as to any of OpenAI's protocol."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from writing_examples import CLOUD, RIDGE, TRAIL, a_step, recommended, the_evidence

from assistant.builtin.model import FOLDER
from assistant.language_models import open_writer
from assistant.llm import LlmSettings

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

STARTING_S = 120


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    url = f"http://127.0.0.1:{free_port()}"
    command = [str(Path(sys.executable).parent / "transformers"), "serve", str(FOLDER), "--host", "127.0.0.1"]
    environment = {**os.environ, "HOME": str(home), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = (home / "log").open("w")
    process = subprocess.Popen(
        [*command, "--port", url.rpartition(":")[2], "--device", "cpu"], env=environment, stdout=log, stderr=log
    )
    try:
        until = time.monotonic() + STARTING_S
        while not answers(url):
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < until, (home / "log").read_text()
            time.sleep(0.5)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reply_is_streamed_from_a_real_server(server, language):
    settings = LlmSettings(
        f"openai:{FOLDER}", base_url=f"{server}/v1", timeout_s=60, first_token_s=60, temperature=0.2, briefs=True
    )
    step = a_step(language=language, text="waterproof boots" if language == "en" else "防水登山靴")
    shown = recommended(step, TRAIL, RIDGE, CLOUD)
    pieces = list(open_writer(settings).write(step, shown, the_evidence(step)))
    text = "".join(pieces)
    plain = "".join(open_writer(LlmSettings(builtin=False)).write(step, shown, the_evidence(step)))
    assert len(pieces) > 2
    assert text != plain
    assert "{" not in text
    for product in (TRAIL, RIDGE, CLOUD):
        assert text.count(product.title_in(language)) == 1
    assert set(re.findall(r"\$([\d.,]*\d)", text)) <= {"99.00", "150.00", "115.00", "80.50", "5", "120", "16", "18.50"}
