import "./sentia_ops/format";
import "./sentia_ops/api";
import "./sentia_ops/chart";
import "./sentia_ops/plan_now";
