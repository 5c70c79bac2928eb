"""The parts of bench/compare: `scenarios` names the rows, `kinds` are the ways of measuring them, `servers` and `loads` what they measure with."""
