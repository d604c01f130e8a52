"""Packaging of tb_diagnose. The built tab in tb_diagnose/plugin/static is committed, so installing needs no Node."""

from pathlib import Path

from setuptools import find_packages, setup

setup(
    name="tb-diagnose",
    version="0.2.0",
    description="A TensorBoard plugin that tells why a Keras model's accuracy does not move",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    packages=find_packages(include=["tb_diagnose", "tb_diagnose.*"]),
    package_data={"tb_diagnose": ["py.typed", "report/*.json", "plugin/API.md", "plugin/static/*"]},
    install_requires=["tensorboard>=2.18", "numpy>=1.26", "werkzeug>=3.0", "rich>=13.0", "google-crc32c>=1.5"],
    extras_require={
        # Keras and its backend are the user's own: a hard dependency would put a second
        # TensorFlow beside tensorflow-cpu or tf-nightly.
        "tensorflow": ["tensorflow>=2.18", "keras>=3.5"],
        # Many runs: the index, buckets, and a cluster. Of stores other than S3 fsspec's package is the user's own.
        "fleet": ["pyarrow>=16.0", "fsspec>=2024.2", "s3fs>=2024.2", "distributed>=2024.2"],
        # The server that coding assistants ask; its API is another one from version 2 on.
        "mcp": ["mcp>=2.3,<3"],
        # ruff and mypy are held to one version: another one formats otherwise, or finds something else.
        "test": [
            "pytest>=8.0",
            "jsonschema>=4.20",
            "mcp>=2.3,<3",
            "hypothesis>=6.100",
            "schemathesis>=4.0",
            "ipython>=9.0",
            "pyarrow>=16.0",
            "fsspec>=2024.2",
            "s3fs>=2024.2",
            "distributed>=2024.2",
            "moto[s3]>=5.0",
            "flask>=3.0",
            "flask-cors>=4.0",
            "playwright>=1.49",
            "pillow>=10.0",
            "scikit-learn>=1.4",
            "pandas>=2.0",
            "scipy>=1.11",
            "ruff~=0.17.6",
            "mypy~=2.4.1",
        ],
    },
    entry_points={
        "console_scripts": ["tb-diagnose = tb_diagnose.cli.main:main"],
        "tensorboard_plugins": ["diagnosis = tb_diagnose.plugin.loader:DiagnosisLoader"],
    },
)
