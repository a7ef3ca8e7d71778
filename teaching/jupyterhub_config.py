"""JupyterHub for a class that trusts each other: one computer, a shared password.

    CLASS_PASSWORD=... CLASS_ADDRESS=http://0.0.0.0:8000 jupyterhub -f teaching/jupyterhub_config.py

Learners choose a name and enter the password. Each gets a server and a folder with the notebooks.
All run as the user who starts the hub, so they could read each other's files. The page has no
HTTPS, so no browser gives it a camera: in class, use the clip.
"""

import os
import shutil
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PROXY = REPOSITORY / "node_modules" / ".bin" / "configurable-http-proxy"
PASSWORD = os.environ.get("CLASS_PASSWORD", "")
if len(PASSWORD) < 8:
    sys.exit("Set CLASS_PASSWORD to a password of at least 8 characters, and try again.")
if not PROXY.exists():
    sys.exit("JupyterHub's proxy is missing. Install Node.js, run `npm install`, and try again.")

CLASS = Path(os.environ.get("CLASS_FOLDER", Path.home() / "fer-class"))
CLASS.mkdir(parents=True, exist_ok=True)


def copy_notebooks(spawner):
    """Give a learner the notebooks that are not in the learner's folder yet."""
    folder = Path(spawner.home_dir) / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in (REPOSITORY / "notebooks").glob("*.ipynb"):
        if not (folder / notebook.name).exists():
            shutil.copy(notebook, folder)


c = get_config()  # noqa: F821, JupyterHub defines it

c.JupyterHub.bind_url = os.environ.get("CLASS_ADDRESS", "http://127.0.0.1:8000")
c.JupyterHub.db_url = f"sqlite:///{CLASS / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(CLASS / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(CLASS / "proxy.pid")
c.ConfigurableHTTPProxy.command = [str(PROXY)]

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = PASSWORD
c.Authenticator.allow_all = True

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(CLASS / "{username}")
c.Spawner.pre_spawn_hook = copy_notebooks
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.notebook_dir = "~/notebooks"
c.Spawner.default_url = "/lab"
# Seconds, because thirty learners start at once.
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
# Kernels of this environment, and one cache of synthetic faces for all.
c.Spawner.environment = {"JUPYTER_PREFER_ENV_PATH": "1", "FER_CACHE": str(CLASS / "cache")}
# Whoever leaves without logging out gives the memory back after half an hour.
IDLE = 1800
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={IDLE}",
    f"--ServerApp.shutdown_no_activity_timeout={IDLE}",
]
if os.geteuid() == 0:  # as in a container; on a computer of your own, start the hub as a user
    c.Spawner.args.append("--allow-root")
