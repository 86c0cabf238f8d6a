"""All dashboards, in the order in which one looks at them."""

from typing import Final

from deploy.grafana.board import Board
from deploy.grafana.incidents import INCIDENTS
from deploy.grafana.kafka import KAFKA
from deploy.grafana.overview import OVERVIEW
from deploy.grafana.pipeline import PIPELINE
from deploy.grafana.sources import SOURCES

BOARDS: Final[tuple[Board, ...]] = (OVERVIEW, SOURCES, PIPELINE, INCIDENTS, KAFKA)
