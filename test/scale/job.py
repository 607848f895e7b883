"""The rows of a file are decided by `dean06 clean score` on the partitions of Apache Spark.

job.py pipe ROWS PARTS DIR PROGRAM...  hand rows to a program on each partition and keep what it says
job.py show RESULT.parquet OUT.csv     write a result as Spark reads it from Parquet
"""

import shlex
import sys

from pyspark.sql import SparkSession


def spark() -> SparkSession:
    return (
        SparkSession.builder.master("local[2]")
        .appName("clean score")
        # The machine may have no name that leads to it.
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )


def pipe(rows: str, parts: int, to: str, program: list[str]) -> None:
    (
        spark()
        .sparkContext.textFile(rows)
        .repartition(parts)  # in another order than they came
        # Without checkCode a program that fails is not noticed; without env it has none.
        .pipe(shlex.join(program), env={"GOMAXPROCS": "1", "PATH": "/usr/bin:/bin"}, checkCode=True)
        .saveAsTextFile(to)
    )


def show(result: str, to: str) -> None:
    table = spark().read.parquet(result)
    with open(to, "w", encoding="utf-8") as out:
        for row in table.orderBy("row").toLocalIterator():
            out.write("|".join("" if v is None else f"{v:.2f}" if isinstance(v, float) else str(v) for v in row) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "pipe":
        pipe(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:])
    else:
        show(sys.argv[2], sys.argv[3])
