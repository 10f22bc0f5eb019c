"""The sample company: 26 months of bills that look like life, from a seed, without any download.

Three AI teams (NLP, CV and Recommendation) run on shared machines and buckets
with poor tags. A feature store is used by five teams, a platform team's cost is
everybody's, demand grows and has seasons, and in May 2026 a forgotten sweep
costs as much as a team. All of it is invented.
"""

from apportion.demo.write_demo import LAST_PERIOD, write_demo

__all__ = ["LAST_PERIOD", "write_demo"]
