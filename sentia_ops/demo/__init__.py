from sentia_ops.demo.company import DemoCompany, generate
from sentia_ops.demo.lake import write_lake

__all__ = ["DemoCompany", "generate", "write_lake"]
