-- Asks a server to stop: `Coordination::ask_to_stop`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           server
-- Returns           1, or 0 where there is no such server

if call('EXISTS', key.server .. ARGV[2]) == 0 then return 0 end
write_although_full()
call('HSET', key.server .. ARGV[2], 'stop', 1)
tell('server/' .. id_text(ARGV[2]))
return 1
