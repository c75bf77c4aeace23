-- Executions as they are answered: id, record, arguments that stand apart, crashes.

local function push_execution(answer, job)
  local n = #answer
  answer[n + 1], answer[n + 2] = job.id, encode(job)
  answer[n + 3] = has(job, APART) and call('GET', key.arguments .. job.id) or ''
  answer[n + 4] = may_have_extra(job) and extra(job).c or '0'
end

