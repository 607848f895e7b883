package readiness

import (
	"slices"
	"strings"
)

// TaskState is how far a task of the web form is.
type TaskState string

// The states of a task.
const (
	TaskNotStarted TaskState = "not_started"
	TaskInProgress TaskState = "in_progress"
	TaskComplete   TaskState = "complete"
)

// Task is one page of the web form.
type Task struct {
	Key      string // "contact", "systems", a component key, "proposals", "difficulties"
	Part     int    // part of the paper form, 1 to 4
	Label    Text   // of a component; the other tasks are named by "readiness.task."+Key
	State    TaskState
	Optional bool
	Problems []Problem // what is missing or wrong, then what is worth knowing
}

// The tasks that are not components.
const (
	TaskContact      = "contact"
	TaskSystems      = "systems"
	TaskProposals    = "proposals"
	TaskDifficulties = "difficulties"
)

// taskKeys are the keys that no component may have.
var taskKeys = []string{TaskContact, TaskSystems, TaskProposals, TaskDifficulties}

// Tasks lists the tasks of the four parts for a return, with what is missing
// in each. Parts 3 and 4 ask for nothing that must be: they are complete once
// the agency has saved them, be it with nothing in them (an empty list, where
// a list never saved is nil).
func Tasks(tpl *Template, ret Return, kind string) []Task {
	problems := Check(tpl, ret, kind)
	tasks := []Task{{Key: TaskContact, Part: 1}}
	if tpl.Repeats() {
		tasks = append(tasks, Task{Key: TaskSystems, Part: 2})
	}
	for _, c := range tpl.Components {
		tasks = append(tasks, Task{Key: c.Key, Part: 2, Label: c.Label})
	}
	if len(tpl.Proposals) > 0 {
		tasks = append(tasks, Task{Key: TaskProposals, Part: 3, Optional: true})
	}
	if tpl.HasPart4() {
		tasks = append(tasks, Task{Key: TaskDifficulties, Part: 4, Optional: true})
	}
	started := startedTasks(tpl, ret, kind)
	for i := range tasks {
		t := &tasks[i]
		for _, p := range problems {
			if taskOf(tpl, p) == t.Key {
				t.Problems = append(t.Problems, p)
			}
		}
		slices.SortStableFunc(t.Problems, func(a, b Problem) int { return weight(a) - weight(b) })
		switch {
		case !started[t.Key]:
			t.State = TaskNotStarted
		case Open(t.Problems) > 0:
			t.State = TaskInProgress
		default:
			t.State = TaskComplete
		}
	}
	return tasks
}

// Ready says that every task that is not optional is complete.
func Ready(tasks []Task) bool {
	return !slices.ContainsFunc(tasks, func(t Task) bool { return !t.Optional && t.State != TaskComplete })
}

func weight(p Problem) int {
	if p.Severity == Notes {
		return 1
	}
	return 0
}

func startedTasks(tpl *Template, ret Return, kind string) map[string]bool {
	s := map[string]bool{
		TaskContact:      ret.Contact != Contact{},
		TaskSystems:      len(ret.Systems) > 0,
		TaskProposals:    ret.Proposals != nil,
		TaskDifficulties: ret.Difficulties != nil || ret.Recommendations != nil,
	}
	for _, a := range Applicable(tpl, ret, kind) {
		row, _ := tpl.Row(a.Key)
		// A system carried over from its list is no answer yet.
		bare := Answer{Row: a.Row, Key: a.Key, SystemID: a.SystemID, System: a.System}
		if !sameAnswer(a, bare) {
			s[row.Component] = true
		}
	}
	return s
}

func taskOf(tpl *Template, p Problem) string {
	group, _, _ := strings.Cut(p.Field, ".")
	switch group {
	case "contact":
		return TaskContact
	case "system":
		return TaskSystems
	}
	row, _ := RowOf(tpl, p.Row)
	return row.Component
}
